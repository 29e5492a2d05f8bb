@postgres
Feature: A lost server comes back whole from its physical backup

  A dump knows one database. The server is more: every database, the roles and their settings, what lies
  in other places on the disk. A physical backup holds it all, and the log that makes it consistent.

  Rule: A restore brings back everything that the server held

    @INT-DB
    Scenario: The server and its disks are lost
      Given the camera-counting server with its log archived
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-DB demands

    @RTO-DB
    Scenario: The clock runs until the first correct answer
      Given the camera-counting server with its log archived
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And the recovery time meets RTO-DB

  Rule: A backup is done in time

    @DUR-DB
    Scenario: A physical backup is taken
      Given the camera-counting server with its log archived
      When it is backed up
      Then the backup's duration meets DUR-DB

  Rule: A damaged backup is refused and the target stays untouched

    @INT-DB-DAMAGE
    Scenario Outline: The physical backup is <damage>
      Given the camera-counting server with its log archived
      And it has been backed up
      And the backup has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-DB-DAMAGE demands

      Examples:
        | damage                 | reason            |
        | cut off half way       | backup-truncated  |
        | altered by one bit     | checksum-mismatch |
        | robbed of a file       | file-missing      |
        | robbed of its manifest | manifest-invalid  |
