Feature: The schedule keeps what the policy promises, or is known not to

  How much can be lost at worst, and how old restore points become, follows from the schedule, from how long a backup may
  take and from how the log of writes is kept. What cannot be kept so is on record with its reason.

  Rule: Whatever contradicts itself is on record

    @SCHEDULE
    Scenario: The whole policy is checked
      When the schedule is held against the promises
      Then every contradiction is on record, as SCHEDULE demands

  Rule: The document's own schedule cannot keep its own promises

    @SCHEDULE
    Scenario Outline: The document's words about <data> are taken for themselves
      When the schedule is held against the promises
      Then it contradicts itself: "document-loss:<data>"
      And that says that "<said>"

      Examples:
        | data                | said                                                               |
        | database-postgres   | 1 d between two backups, 30 min for one; less than 1 h is promised |
        | database-redis      | 1 d between two backups, 10 min for one; less than 1 h is promised |
        | configuration-files | 1 d between two backups, 10 min for one; less than 1 d is promised |
        | user-data-files     | 7 d between two backups, 25 min for one; less than 1 h is promised |

  Rule: What was added to the document keeps all data within its promise

    @SCHEDULE
    Scenario Outline: <procedure> is scheduled as the policy has it
      When the schedule is held against the promises
      Then <procedure> loses <window> at worst, which is <judged>

      Examples:
        | procedure          | window | judged              |
        | postgres           | 1 d    | more than promised  |
        | postgres-physical  | 5 min  | within its promise  |
        | postgres-streaming | 1 min  | within its promise  |
        | redis              | 25 min | within its promise  |
        | redis-appendonly   | 9 min  | within its promise  |
        | configuration      | 6.2 h  | within its promise  |
        | user-data          | 55 min | within its promise  |

  Rule: A contradiction that is not on record is refused

    @SCHEDULE
    Scenario Outline: In a policy, <slip>
      Given a policy in which <slip>
      When the schedule is held against the promises
      Then the record is refused as "not on record: <contradiction>"

      Examples:
        | slip                                               | contradiction                   |
        | what was added to the document is left out         | loss:database-postgres          |
        | what was added to the document is left out         | loss:database-redis             |
        | the log of writes is no longer kept                | loss:database-postgres          |
        | a backup may take as long as the document allows   | loss:database-redis             |
        | a backup may take as long as the document allows   | overlap:redis                   |
        | everything runs once a week                        | interval:SCH-DB                 |
        | everything runs once a week                        | too-few-points:postgres         |
        | full backups are forgotten beside the increments   | lone-increment:postgres-physical |
        | nothing removes old backups                        | never-pruned:postgres           |
        | nothing reads stored backups again                 | never-verified:postgres         |
        | nothing reads stored backups again                 | interval:SCH-VERIFY             |
        | the log is not copied to the other site            | site-loss:database-postgres     |
        | copies are locked for a day only                   | lock-term:offsite               |
        | copies are locked, but not against administrators  | lock-mode:offsite               |
        | two backups of the cache begin at the same moment  | clash:redis                     |
        | the nightly backup is put where clocks are changed | clock-change:postgres-backup    |
        | a secret is kept among the logs                    | unencrypted:logs-files          |

  Rule: A record that is not true is refused

    @SCHEDULE
    Scenario Outline: A record does not say <contradiction>
      Given nothing is on record about "<contradiction>"
      When the schedule is held against the promises
      Then the record is refused as "not on record: <contradiction>"

      Examples:
        | contradiction                   |
        | document-loss:user-data-files   |
        | unencrypted:configuration-files |

    @SCHEDULE
    Scenario: A record says too much
      Given "loss:database-postgres" is on record as well
      When the schedule is held against the promises
      Then the record is refused as "on record, but not so: loss:database-postgres"

  Rule: What is scheduled can be installed as it is

    @SCHEDULE
    Scenario Outline: The schedule is written for <scheduler>
      When the schedule is written for <scheduler>
      Then everything that is scheduled is in it, and nothing else

      Examples:
        | scheduler  |
        | crontab    |
        | systemd    |
        | kubernetes |

    @SCHEDULE
    Scenario: A time that not every scheduler knows
      Given a policy with something due on the last day of a month
      When the schedule is written for crontab
      Then it is not written, as it "has a last, nth or nearest day"

  Rule: The drill and the report come as often as is promised, or it is known

    @SCHEDULE
    Scenario Outline: Nobody has scheduled <what>
      Given a policy in which <slip>
      When the schedule is held against the promises
      Then it contradicts itself: "<contradiction>"

      Examples:
        | what       | slip            | contradiction      |
        | the drill  | nobody drills   | interval:SCH-DRILL |
        | the report | nobody reports  | interval:SCH-AUDIT |
