Feature: Every broken backup is noticed, and no healthy one is accused

  A check that cannot fail proves nothing. So backups are broken as they break in the field, each in a copy of its own, and
  judged in the same way as whole ones: what passes is a miss, and an alarm about a whole one weighs as much.

  Rule: What befalls backups in the field is not overlooked

    @SABOTAGE @slow @nightly
    Scenario: All that is known from the field
      Given the whole catalogue of faults
      When each of them befalls a backup, and usual checks look at it, too
      Then all of them are noticed, as SABOTAGE demands
      And no healthy backup is accused
      And it is on record what usual checks would have missed

    @SABOTAGE @machine @slow @nightly
    Scenario: All that is known of whole machines
      Given every fault of a whole machine
      When each of them befalls a backup
      Then all of them are noticed, as SABOTAGE demands
      And no healthy backup is accused

  Rule: Nothing healthy is accused, whatever it holds

    @SABOTAGE @slow @nightly
    Scenario: Whole backups of many estates
      Given 20 estates, each of another seed and scale
      When all that is backed up of them is verified
      Then nothing is found in any of it, as SABOTAGE demands

  Rule: A score that hides a miss is refused

    @SABOTAGE
    Scenario: A fault leaves no trace
      Given a fault that leaves no trace
      When each of them befalls a backup
      Then it counts as missed
      And no healthy backup is accused
