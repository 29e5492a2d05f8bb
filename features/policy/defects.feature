Feature: A defect in a backup script turns a scenario red

  A suite that is green whatever its scripts do proves nothing. So scripts are made to err as scripts do in the field,
  each in a copy of its own, and the scenario that is there to notice it is run on that copy.

  Rule: What scripts get wrong in the field is not overlooked

    @SABOTAGE @slow @nightly
    Scenario: All that is known of scripts
      Given the whole catalogue of defects
      When each of them is put into the scripts
      Then each of them turns its scenario red, as SABOTAGE demands
      And no sound script is accused

  Rule: A score that hides a survivor is refused

    @SABOTAGE @slow @nightly
    Scenario: A defect that changes nothing
      Given a defect that changes nothing
      When each of them is put into the scripts
      Then it counts as a survivor
      And no sound script is accused
