@redis
Feature: What a snapshot does not hold comes back beside it

  Users, memory limit, eviction policy: set while the server ran, in no file of it, and gone with the process. A cache
  that evicts by another rule loses keys that the restore had brought back.

  Rule: Users, functions and settings are those of the moment of the backup

    @INT-CACHE
    Scenario Outline: They were set while the server ran, kept by <protection>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CACHE demands
      And these are among what it holds:
        | what                           |
        | user dashboard                 |
        | function library counting      |
        | setting maxmemory              |
        | setting maxmemory-policy       |
        | setting notify-keyspace-events |
        | setting maxclients             |
        | setting repl-backlog-ttl       |

      Examples:
        | protection                          |
        | snapshots copied as a replica would |
        | snapshots saved by its server       |
        | an append-only file                 |

    @INT-CACHE
    Scenario: The user that the application is known by
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from the backup
      Then the dashboard may read counters and nothing else

  Rule: What would give a password away is refused

    @INT-CACHE
    Scenario: The backup and what was said of it are searched for passwords
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from the backup
      Then no password is in the backup, nor in what the commands said

    @INT-CACHE
    Scenario: The process list is watched
      Given the camera-counting cache
      And somebody watches the process list
      And it has been backed up
      When it is lost and recovered from the backup
      Then no password was ever to be seen there
