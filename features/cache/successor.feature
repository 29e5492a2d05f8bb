@redis
Feature: A cache comes back on whatever server takes its place

  Put beside an append-only file, a snapshot is ignored: the server starts healthy and empty, and its first save
  overwrites the only copy.

  Rule: Whether the successor keeps an append-only file makes no difference to what it holds

    @INT-CACHE
    Scenario Outline: Kept by <protection>, its successor <habit>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      And its successor <habit>
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CACHE demands
      And the successor <habit> as it did before
      And its data survives the next crash

      Examples:
        | protection                          | habit                    |
        | snapshots copied as a replica would | keeps an append-only file |
        | snapshots copied as a replica would | keeps no append-only file |
        | an append-only file                 | keeps an append-only file |
        | an append-only file                 | keeps no append-only file |

  Rule: A successor that cannot hold it is refused

    @INT-CACHE
    Scenario Outline: Its successor <lack>
      Given the camera-counting cache
      And it has been backed up
      And its successor <lack>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And there is no recovery time

      Examples:
        | lack                         | reason              |
        | is part of a cluster         | cluster-unsupported |
        | has a single database index  | too-few-databases   |
        | has too little memory for it | target-too-small    |
