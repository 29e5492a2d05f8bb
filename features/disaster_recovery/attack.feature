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

  Rule: Where the attacker has reached the log, too, it comes back as far as its log can be trusted

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION @PITR-DB @RPO-DB
    Scenario Outline: The newest of the log is <damage>, too
      Given the core of the estate has been backed up twice, and written to since
      And its database has been written to once more
      And the log of that was <damage> by an attacker who has made all data worthless, as were the newest backups
      When the attack is discovered and the plan is carried out
      Then every system is as it was before, the database when its log could last be trusted, as PITR-DB demands
      And the writes whose log can be trusted are there, and what is lost of the others is told and meets RPO-DB
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

    @PLAN-ASSESSMENT @PITR-DB
    Scenario: Nobody minds that the log is encrypted
      Given the core of the estate has been backed up twice, and written to since
      And its database has been written to once more
      And the log of that was encrypted by an attacker who has made all data worthless, as were the newest backups
      When the database is recovered to just before the attack all the same
      Then the restore is refused as "checksum-mismatch"

    @PLAN-EXECUTION @PITR-DB
    Scenario: The recovery stops short of what can be trusted
      Given the core of the estate has been backed up twice, and written to since
      And its database has been written to once more
      And the log of that was encrypted by an attacker who has made all data worthless, as were the newest backups
      When the plan is carried out to the end of the newest backup that can be trusted
      Then writes whose log can be trusted are found to be missing

  Rule: Where nothing here can be trusted, it comes back as the other site had it at the last clean moment

    @PLAN-ASSESSMENT @PLAN-NOTIFICATION @PLAN-EXECUTION @PLAN-VERIFICATION @PLAN-COMMUNICATION @PITR-DB
    Scenario Outline: Every backup here is <damage>, and the copies are hidden
      Given the core of the estate has been backed up twice
      And every backup, and the log of what was written since, has been copied to the other site
      And an attacker has made all data worthless, <damage> every backup here and what there is of the log, and hidden the copies
      When the attack is discovered and the plan is carried out with the copies
      Then every system is as it was before, the database when its log could last be trusted, as PITR-DB demands
      And every byte came from the other site, and its transfer is a part of each recovery time
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
