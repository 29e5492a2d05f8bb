@redis
Feature: A backup of the cache that was never good is not restored in silence

  A checksum proves that a file is still what it was when the checksum was taken, and nothing of what it was then.
  Servers help little: they load half a file, start on none, and call both healthy.

  Rule: A snapshot that was damaged before its checksums were taken is refused

    @INT-CACHE-DAMAGE
    Scenario Outline: The snapshot was <damage>
      Given the camera-counting cache
      And it has been backed up
      And the backup was <damage> before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "rdb-incomplete"
      And the target is as blank as INT-CACHE-DAMAGE demands

      Examples:
        | damage                               |
        | cut off half way                     |
        | filled with zeros from the middle on |

  Rule: A snapshot that no server loads is refused before one is stopped for it

    @INT-CACHE-DAMAGE
    Scenario: A bit was altered, and the snapshot's own checksum tells
      Given the camera-counting cache
      And it has been backed up
      And the backup was altered by one bit before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "rdb-unreadable"
      And the target is as blank as INT-CACHE-DAMAGE demands

  Rule: Damage that no checksum covers is found by comparing what came back

    @INT-CACHE-DAMAGE
    Scenario: A bit was altered in the snapshot of a server that takes no checksums
      Given the camera-counting cache, kept by snapshots without checksums
      And it has been backed up
      And the backup was altered by one bit before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore itself finds nothing wrong
      And what it holds is found to differ

  Rule: An append-only file that is not whole is refused

    @INT-CACHE-DAMAGE
    Scenario Outline: The append-only file was <damage>
      Given the camera-counting cache, kept by an append-only file
      And it has been backed up
      And the backup was <damage> before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-CACHE-DAMAGE demands

      Examples:
        | damage                          | reason           |
        | robbed of the list of its parts | aof-list-invalid |
        | given the list of another time  | aof-list-invalid |
        | robbed of its newest part       | aof-list-invalid |

    @INT-CACHE-DAMAGE
    Scenario Outline: The append-only file was <damage>, which only reading it can tell
      Given the camera-counting cache, kept by an append-only file
      And it has been backed up
      And the backup was <damage> before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "aof-unreadable"
      And the target is as blank as INT-CACHE-DAMAGE demands

      Examples:
        | damage                        |
        | cut off within its last write |
