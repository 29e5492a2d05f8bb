@redis
Feature: A lost cache loses no more than the policy allows

  The loss is measured from writes that the server had acknowledged, and the schedule decides how
  much it can be at worst: a disaster does not wait for the next backup.

  Rule: Only what was written since the last backup is lost

    @RPO-CACHE
    Scenario: The server is killed under load
      Given the camera-counting cache
      And it is written to without pause
      And it has been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And no write is missing before one that is there
      And the data loss, at worst under the schedule, meets RPO-CACHE

  Rule: Each protection loses no more than it says, and none protects from everything

    What a server flushes once a second outlives the server's death, and not the disk's: there only a copy helps,
    and the schedule of the copies decides. That the power fails is worse than a killed server and is not tried here.

    @RPO-CACHE
    Scenario: Every protection is put to the test by its disaster
      When each protection of the cache is put to the test:
        | protection                                 | disaster             |
        | snapshots copied as a replica would        | its disk is lost     |
        | an append-only file                        | its disk is lost     |
        | an append-only file                        | its server is killed |
        | an append-only file flushed at every write | its server is killed |
        | an append-only file, each batch waited for | its server is killed |
      Then each had more than 2000 writes a second acknowledged
      And each lost no more than it may at worst
      And the worst that each may lose meets RPO-CACHE

  Rule: What never became a backup is no restore point

    @RPO-CACHE
    Scenario: The newest backup was killed half way
      Given the camera-counting cache
      And it has been backed up
      And a later backup has been killed half way
      When it is lost and recovered from the newest restore point
      Then the later backup is no restore point
      And it gives its first answer as before
