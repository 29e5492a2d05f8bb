@postgres @redis
Feature: A disaster is handled as the plan says

  The plan has five steps, and a recovery is only one of them. Each leaves its moment on one timeline, so that it
  can be told afterwards what was done when, and what was not.

  @drill
  Rule: The plan is followed step by step, whatever is lost

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION
    Scenario Outline: <loss>
      Given the whole estate has been backed up
      And its database has been written to since
      When disaster strikes and the plan is carried out: <loss>
      Then every system holds what it has to hold
      And each recovery took no longer than its tier allows
      And the plan was followed:
        | step                | criterion          |
        | Incident Assessment | PLAN-ASSESSMENT    |
        | Team Notification   | PLAN-NOTIFICATION  |
        | Recovery Execution  | PLAN-EXECUTION     |
        | System Verification | PLAN-VERIFICATION  |
        | User Communication  | PLAN-COMMUNICATION |

      Examples:
        | loss                 |
        | the database is lost |
        | the cache is lost    |
        | the host is lost     |
        | all of it is lost    |

  Rule: A machine comes back before what is put onto it

    @RTO-SYSTEM @machine @slow @nightly
    Scenario: A machine is lost, too
      Given the whole estate has been backed up
      When disaster strikes and the plan is carried out: all of it is lost
      Then every system holds what it has to hold
      And each recovery took no longer than its tier allows
      And the machine's recovery time meets RTO-SYSTEM

  @drill
  Rule: What goes wrong on the way stops nothing else, and is not overlooked

    @PLAN-NOTIFICATION
    Scenario: Nobody answers where the team is told
      Given the core of the estate has been backed up
      And nobody answers where the team is told
      When disaster strikes and the plan is carried out: the cache is lost
      Then every system answers as before
      And it is on record that the team was not told
      And these steps of the plan are found not to be taken: Team Notification

    @PLAN-EXECUTION @PLAN-COMMUNICATION
    Scenario: One system has no backup left
      Given the core of the estate has been backed up
      And every backup of the cache has been lost, too
      When disaster strikes and the plan is carried out: all of it is lost
      Then every other system answers as before and the cache was left alone
      And the users are told what is not back
      And these steps of the plan are found not to be taken: Recovery Execution, System Verification
