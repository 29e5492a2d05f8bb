Feature: What is lost together with its backups comes back from the other site

  The disaster recovery site has accounts of its own. A recovery from there begins with nothing but the policy and an
  account that may read; what the transfer takes is a part of the recovery time.

  Rule: The copy at the other site is enough

    @postgres @SCH-SITE @RTO-DB
    Scenario: The database, and all that is kept here, is lost
      Given the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When it is lost with all that is kept here, and recovered from the other site
      Then it holds exactly what was backed up
      And the transfer is a part of the recovery time
      And the recovery time meets RTO-DB

    @redis @SCH-SITE @RTO-CACHE
    Scenario: The cache, and all that is kept here, is lost
      Given the camera-counting cache
      And it has been backed up
      And its backups have been copied to the other site
      When it is lost with all that is kept here, and recovered from the other site
      Then it holds exactly what was backed up
      And the transfer is a part of the recovery time
      And the recovery time meets RTO-CACHE

    @postgres @SCH-SITE
    Scenario: The copies are verified where they are
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When the copies are verified at the other site
      Then they are what was backed up
      And they go there as often as SCH-SITE demands

    @postgres @SCH-SITE
    Scenario: A copy that was killed is finished by the next
      Given a copy of the camera-counting database
      And it has been backed up
      And a copy to the other site has been killed half way
      When the copy is made once more
      Then the backup is the only restore point at the other site

  Rule: What was written since the last backup comes back, too

    @postgres @SCH-SITE @RPO-DB
    Scenario Outline: The server is lost under load, and all that is kept here, its log <kept>
      Given the camera-counting server with its log <kept>
      And it is written to without pause
      And it has been backed up while it is written to
      And its backups and its log have been copied to the other site while it is written to
      When it is lost under load with all that is kept here, and recovered from the other site
      Then every write of the copied log is there, and none is missing before one that is there
      And the data loss, at worst with this site lost too, meets RPO-DB

      Examples:
        | kept     |
        | archived |
        | streamed |

    @postgres @RPO-DB
    Scenario Outline: The log is <kept> and not copied
      Given a policy that does not have the log copied
      And the camera-counting server with its log <kept>
      When what can be lost with this site is counted
      Then it is more than RPO-DB allows

      Examples:
        | kept     |
        | archived |
        | streamed |

  Rule: A log that is not whole is refused

    @postgres @SCH-SITE
    Scenario Outline: A segment of the log was <damage> at the other site
      Given the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And its backups and its log have been copied to the other site
      And a segment of the log was <damage> at the other site
      When its server is lost with all that is kept here, and recovered from the other site
      Then the restore is refused as "<reason>"

      Examples:
        | damage             | reason            |
        | altered by one bit | checksum-mismatch |
        | hidden             | wal-gap           |

  Rule: What is not whole is no restore point, and is refused

    @postgres @SCH-SITE
    Scenario: A copy is killed half way
      Given a copy of the camera-counting database
      And it has been backed up
      When a copy to the other site is killed half way
      Then there is no restore point at the other site

    @postgres @SCH-SITE
    Scenario: The backup is damaged before it is copied
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup has since been altered by one bit
      When a copy to the other site is attempted
      Then the copy is refused as "checksum-mismatch"
      And there is no restore point at the other site

    @postgres @SCH-SITE
    Scenario: The copy is altered at the other site, and verified there
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      And the copy was altered by one bit at the other site
      When the copies are verified at the other site
      Then the copies are refused as "checksum-mismatch"

    @postgres @SCH-SITE
    Scenario: The copy is altered at the other site, and all that is kept here is lost
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      And the copy was altered by one bit at the other site
      When it is lost with all that is kept here, and recovered from the other site
      Then the restore is refused as "checksum-mismatch"
      And the target is blank
