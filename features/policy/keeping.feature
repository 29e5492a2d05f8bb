@postgres
Feature: What somebody wants kept is kept, and what is pruned twice at once is pruned once

  The term of a backup ends by itself, and the reasons to keep it longer do not: a court, an audit, a doubt. Whoever says so
  beside the backup is heard by every pruning, and no two of them are at work on the same backups.

  Rule: Neither a pin nor a legal hold is passed over

    @RET-DB
    Scenario Outline: A backup <is kept>
      Given a policy that keeps nothing beyond its term
      And a copy of the camera-counting database
      And it has been backed up
      And somebody has <done something>
      When sixty days of daily backups are taken and pruned every week
      Then the first backup is still there, although nothing promises it

      Examples:
        | is kept               | done something                  |
        | has been pinned       | pinned the backup               |
        | is under a legal hold | put its backups on a legal hold |

    @RET-DB
    Scenario: Nobody has said anything
      Given a policy that keeps nothing beyond its term
      And a copy of the camera-counting database
      And it has been backed up
      When sixty days of daily backups are taken and pruned every week
      Then the first backup is not there any more

  Rule: Of two prunings at once, the second is refused and touches nothing

    @RET-DB
    Scenario: It is pruned while another pruning is at work
      Given a copy of the camera-counting database
      And it has been backed up
      When a year of daily backups is taken and pruned twice at once
      Then the second pruning has failed as "set-busy"
      And the first has finished, and no promised backup is missing
