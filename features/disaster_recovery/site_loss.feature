@drill @postgres @redis
Feature: The whole site is lost, and the other site is enough

  Nothing is left here: no server, no host, no backup. What there is of each system is its copy at the other site, of the
  database also what was written since its backup. What the transfer takes is a part of the recovery time.

  Rule: The estate comes back from the other site alone

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION
    Scenario: Every server, every host and every backup here is lost
      Given the whole estate has been backed up
      And every backup, and the log of what was written since, has been copied to the other site
      When the whole site is lost with its backups and the plan is carried out
      Then every system holds what it has to hold
      And every byte came from the other site, and its transfer is a part of each recovery time
      And each recovery took no longer than its tier allows
      And the plan was followed:
        | step                | criterion          |
        | Incident Assessment | PLAN-ASSESSMENT    |
        | Team Notification   | PLAN-NOTIFICATION  |
        | Recovery Execution  | PLAN-EXECUTION     |
        | System Verification | PLAN-VERIFICATION  |
        | User Communication  | PLAN-COMMUNICATION |

  Rule: A copy that is not what was backed up is refused

    @PLAN-EXECUTION
    Scenario: One copy was altered at the other site
      Given the core of the estate has been backed up
      And every backup has been copied to the other site
      And the newest copy at the other site was altered by one bit
      When the whole site is lost with its backups and the plan is carried out
      Then the system of the altered copy is not taken for recovered
