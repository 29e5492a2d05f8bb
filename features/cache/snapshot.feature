@redis
Feature: A lost cache comes back whole from its snapshot

  Live counters, sessions with their expiry and work that was taken but not finished: every key of every
  database index, or it is no restore. A server that is healthy and empty is the usual way to fail.

  Rule: A restore brings back everything that the backup held

    @INT-CACHE
    Scenario: The server and its disk are lost
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CACHE demands

  Rule: A backup is done in time

    @DUR-CACHE
    Scenario: A snapshot is taken
      Given the camera-counting cache
      When it is backed up
      Then the backup's duration meets DUR-CACHE

  Rule: A damaged backup is refused and the target stays untouched

    @INT-CACHE-DAMAGE
    Scenario Outline: The backup is <damage>
      Given the camera-counting cache
      And it has been backed up
      And the backup has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-CACHE-DAMAGE demands

      Examples:
        | damage                 | reason            |
        | cut off half way       | backup-truncated  |
        | altered by one bit     | checksum-mismatch |
        | lengthened by one byte | backup-altered    |
        | robbed of a file       | file-missing      |
        | robbed of its manifest | manifest-invalid  |
