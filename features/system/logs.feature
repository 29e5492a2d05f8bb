Feature: Logs come back from their backups with every line

  A log is written to while it is backed up and renamed while it is read. Whoever looks into an incident needs
  what was written before it, all of it.

  Rule: A restore brings back every line

    @INT-LOGS @RTO-NON-CRITICAL
    Scenario: The host and its disk are lost
      Given the camera-counting host with its logs
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-LOGS demands
      And the recovery time meets RTO-NON-CRITICAL

  Rule: The upper bound at production's size keeps the promise

    @RTO-NON-CRITICAL @slow @nightly
    Scenario: The host is backed up, lost and recovered at ever larger sizes
      Given the camera-counting host with its logs
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-NON-CRITICAL

  Rule: A backup of logs that have been rotated and still grow holds every line before it

    @INT-LOGS
    Scenario: The host is lost while its application writes its log
      Given the camera-counting host with its logs
      And it is written to without pause
      And its log has been rotated while it is written to
      And it has been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And no write is missing before one that is there

  Rule: A damaged backup is refused

    @INT-LOGS
    Scenario: A bit was altered
      Given the camera-counting host with its logs
      And it has been backed up
      And the backup has since been altered by one bit
      When it is lost and a recovery is attempted
      Then the restore is refused as "checksum-mismatch"
      And the target is blank
