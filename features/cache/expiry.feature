@redis
Feature: What was to end ends in time, and nothing else does

  A key that ended during the outage is gone and not lost; a key that is gone before its time is lost and has not ended.
  Counting keys can tell neither.

  Rule: The end of a key is a moment and not a term

    @INT-CACHE
    Scenario Outline: Sessions end during the outage, with <protection>
      Given the camera-counting cache, kept by <protection>
      And some of its sessions are about to end
      And it has been backed up
      And these sessions have ended since
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CACHE demands
      And these sessions count as ended and not as lost

      Examples:
        | protection                          |
        | snapshots copied as a replica would |
        | an append-only file                 |

  Rule: A session that is lost or lives for another time is no restore, which is to say it is refused

    @INT-CACHE
    Scenario Outline: A session was <mishap> on the way
      Given the camera-counting cache
      And it has been backed up
      When it is lost and recovered from the backup
      And one of its sessions was <mishap> on the way
      Then this session does not count as ended, but is found wrong

      Examples:
        | mishap            |
        | lost              |
        | given another end |
        | given no end      |
