@drill @postgres @redis
Feature: A mistake costs no more than what was done after it

  Nothing has failed, every server answers, and what they answer is wrong. Every backup taken since holds the mistake.
  The database goes back to just before it; whatever was not hit stays as it is.

  Rule: The database comes back as of just before the mistake

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION @PITR-DB
    Scenario Outline: <mistake>
      Given the whole estate has been backed up
      And its database has been written to since
      And a mistake has been made: <mistake>
      When it is reported and the plan is carried out: <mistake>
      Then every system is as it was just before, as PITR-DB demands
      And each recovery took no longer than its tier allows
      And the plan was followed:
        | step                | criterion          |
        | Incident Assessment | PLAN-ASSESSMENT    |
        | Team Notification   | PLAN-NOTIFICATION  |
        | Recovery Execution  | PLAN-EXECUTION     |
        | System Verification | PLAN-VERIFICATION  |
        | User Communication  | PLAN-COMMUNICATION |

      Examples:
        | mistake                                                |
        | every count was deleted where a few were meant         |
        | a release has left neither the old schema nor the new  |

  Rule: A recovery that brings the mistake back is not overlooked

    @PLAN-EXECUTION @PLAN-VERIFICATION @PITR-DB
    Scenario: The database is recovered to its end
      Given the core of the estate has been backed up
      And a mistake has been made: every count was deleted where a few were meant
      When it is recovered to its end, the mistake with it
      Then what came back is found to differ
      And these steps of the plan are found not to be taken: System Verification
