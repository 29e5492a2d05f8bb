@postgres
Feature: Nearly every backup succeeds

  A few good backups show little about a promise of more than 99 %. What counts is the lowest rate that so many tries
  leave plausible: the lower 95 % bound. Three hundred successes in a row are just enough, one failure is too many.

  Rule: Backups succeed while the database is written to

    @SUCCESS-RATE @slow
    Scenario: Three hundred backups are taken in a row
      Given the camera-counting server with its log archived
      And it is written to without pause
      When 300 backups of every kind are taken in a row
      Then the lowest plausible rate of success meets SUCCESS-RATE

  Rule: A few successes do not prove the rate

    @SUCCESS-RATE @slow
    Scenario: Six backups are taken in a row
      Given the camera-counting server with its log archived
      When 6 backups of every kind are taken in a row
      Then all of them are done
      And the lowest plausible rate of success misses SUCCESS-RATE where no others are on record
