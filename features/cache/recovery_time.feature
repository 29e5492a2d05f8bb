@redis
Feature: A lost cache answers again in time

  Recovery is over when the application's own question is answered correctly, not when a command
  has ended. The clock starts when the disaster is declared.

  Rule: The clock runs until the first correct answer

    @RTO-CACHE
    Scenario: The server is killed and its disk is gone
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And the recovery time meets RTO-CACHE

  Rule: The upper bound at production's size keeps the promise, and so does that of the backup

    @RTO-CACHE @DUR-CACHE @slow @nightly
    Scenario: The cache is backed up, lost and recovered at ever larger sizes
      Given the camera-counting cache
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-CACHE
      And at production's size its backup meets DUR-CACHE

  Rule: A recovery that never answered has no recovery time

    @RTO-CACHE
    Scenario: The backup that is asked for does not exist
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from a backup that was never taken
      Then the restore is refused as "no-such-backup"
      And there is no recovery time
