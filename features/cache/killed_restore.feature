@redis
Feature: A restore of a cache that was killed is finished by running it again

  Whoever restores a cache is in a hurry, and connections break. Nobody has to find out how far it had come, nor to
  clear anything away by hand; and nothing is lost that somebody has written meanwhile.

  Rule: The same command, run again, brings back everything that the backup held

    @INT-CACHE
    Scenario Outline: Kept by <protection>, restored where the successor <habit>, killed once it had <moment>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      And its successor <habit>
      And it has been lost, and its restore was killed once it had <moment>
      When the restore is run again
      Then it holds exactly what was backed up, as INT-CACHE demands
      And its data survives the next crash

      Examples:
        | protection                          | habit                     | moment                     |
        | snapshots copied as a replica would | keeps no append-only file | begun to fill the new disk |
        | snapshots copied as a replica would | keeps an append-only file | stopped the new server     |
        | an append-only file                 | keeps an append-only file | begun to fill the new disk |
        | an append-only file                 | keeps no append-only file | stopped the new server     |

  Rule: What somebody has written meanwhile is kept, and the restore is refused

    @INT-CACHE
    Scenario: A counter was written before the restore is run again
      Given the camera-counting cache
      And it has been backed up
      And it has been lost, and its restore was killed once it had stopped the new server
      And a counter has been written to the new server
      When the restore is run again
      Then the restore is refused as "target-not-empty"
      And this counter is still there
