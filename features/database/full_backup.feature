@postgres
Feature: A lost database comes back whole from its full backup

  The cameras' counts, the people who may read them and the rules that protect them are one thing.
  A restore that loses any of it is no restore, and a damaged backup must not be half restored.

  Rule: A restore brings back everything that the backup held

    @INT-DB
    Scenario: The server and its disk are lost
      Given the camera-counting database
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-DB demands

  Rule: A backup is done in time

    @DUR-DB
    Scenario: A full backup is taken
      Given the camera-counting database
      When it is backed up
      Then the backup's duration meets DUR-DB

  Rule: A damaged backup is refused and the target stays untouched

    @INT-DB-DAMAGE
    Scenario Outline: The backup is <damage>
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-DB-DAMAGE demands

      Examples:
        | damage                 | reason            |
        | cut off half way       | backup-truncated  |
        | altered by one bit     | checksum-mismatch |
        | lengthened by one byte | backup-altered    |
        | robbed of a file       | file-missing      |
        | robbed of its manifest | manifest-invalid  |
        | described otherwise    | manifest-invalid  |

  Rule: A restore that was killed is finished by running it again

    @INT-DB
    Scenario: The restore is killed and run again
      Given the camera-counting database
      And it has been backed up
      And it has been lost, and its restore was killed once it had created the database
      When the restore is run again
      Then it holds exactly what was backed up, as INT-DB demands

  Rule: A restore over what is still there is refused

    @INT-DB
    Scenario: The database is still there
      Given a copy of the camera-counting database
      And it has been backed up
      When a restore over what is still there is attempted
      Then the restore is refused as "target-not-empty"
      And it holds exactly what was backed up
