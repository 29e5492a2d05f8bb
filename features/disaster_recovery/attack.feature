@drill @postgres @redis
Feature: An attack costs no more than what was done after it

  An attacker destroys the newest backups first, and the schedule goes on and backs up what is left. So a backup is
  trusted only if every byte of it is as its manifest says, and if it is older than the attack.

  Rule: The estate comes back as of the last clean moment

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION @PITR-DB
    Scenario Outline: The newest backups are <damage>
      Given the whole estate has been backed up twice, and written to since
      And an attacker has made all data worthless and <damage> the newest backups, and the schedule goes on
      When the attack is discovered and the plan is carried out
      Then every system is as it was just before the attack, as PITR-DB demands
      And no backup was used that the attacker could have touched
      And each recovery took no longer than its tier allows
      And the plan was followed:
        | step                | criterion          |
        | Incident Assessment | PLAN-ASSESSMENT    |
        | Team Notification   | PLAN-NOTIFICATION  |
        | Recovery Execution  | PLAN-EXECUTION     |
        | System Verification | PLAN-VERIFICATION  |
        | User Communication  | PLAN-COMMUNICATION |

      Examples:
        | damage    |
        | encrypted |
        | deleted   |

  Rule: A backup of what the attacker left is not overlooked

    @PLAN-EXECUTION @PLAN-VERIFICATION @PITR-DB
    Scenario: Nobody knows when the attack began
      Given the core of the estate has been backed up twice, and written to since
      And an attacker has made all data worthless and deleted the newest backups, and the schedule goes on
      When the plan is carried out as if every backup were clean
      Then no system is taken for recovered
      And these steps of the plan are found not to be taken: Recovery Execution, System Verification
