@redis
Feature: A lost cache comes back whole from its snapshot

  Live counters, sessions with their expiry and work that was taken but not finished: every key of every
  database index, or it is no restore. A server that is healthy and empty is the usual way to fail.

  Rule: A restore brings back everything that the backup held, however the snapshot was made

    @INT-CACHE
    Scenario Outline: The server and its disk are lost, with <protection>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CACHE demands

      Examples:
        | protection                           |
        | snapshots copied as a replica would  |
        | snapshots saved by its server        |

    @INT-CACHE
    Scenario: It was written to while the snapshot was saved by its server
      Given the camera-counting cache, kept by snapshots saved by its server
      And it is written to without pause
      And it has been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And no write is missing before one that is there

  Rule: A backup is done in time

    @DUR-CACHE
    Scenario: A snapshot is taken
      Given the camera-counting cache
      When it is backed up
      Then the backup's duration meets DUR-CACHE

  Rule: A snapshot that the server could not save is refused, and yesterday's is not taken for it

    @INT-CACHE
    Scenario: The server's disk takes no more
      Given the camera-counting cache, kept by snapshots saved by its server
      And it has been backed up
      And the server's disk takes no more
      When another backup is attempted
      Then the backup fails as "save-failed"
      And the first backup is the only restore point

  Rule: A damaged backup is refused, and the target stays blank

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
        | described otherwise    | manifest-invalid  |

  Rule: A restore over what is still there is refused

    @INT-CACHE
    Scenario: The cache is still there
      Given the camera-counting cache
      And it has been backed up
      When a restore over what is still there is attempted
      Then the restore is refused as "target-not-empty"
      And it holds exactly what was backed up
