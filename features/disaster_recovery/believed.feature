@drill @postgres @redis
Feature: A drill is believed because it would have failed

  What cannot fail proves nothing. So with every drill backups are broken on purpose, as they break in the field: what is not
  noticed then would not be noticed in a disaster either, and the gate before a release asks for the score.

  Rule: What befalls backups in the field is not overlooked

    @SABOTAGE
    Scenario: Some of what is known from the field
      Given the faults that every drill tries
      When each of them befalls a backup
      Then all of them are noticed, as SABOTAGE demands
      And no healthy backup is accused
