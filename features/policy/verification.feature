Feature: Stored backups are read again every day, and what has rotted is found while there are others

  A backup that was right when it was taken may not be so on the day on which it is needed. Disks forget, somebody tidies
  up. What is stored is therefore read again, all of it, and compared with what was written down when it was taken.

  Rule: What is as it was taken passes, and is read again every day

    @SCH-VERIFY
    Scenario Outline: A month of backups of <store> is verified
      Given <store>
      And it has been backed up
      And a backup of each of the last thirty days is kept
      When its stored backups are verified
      Then every one of them was read
      And those of every procedure are read again as often as SCH-VERIFY demands

      @postgres
      Examples:
        | store                                  |
        | a copy of the camera-counting database |

      @redis
      Examples:
        | store                     |
        | the camera-counting cache |

  Rule: What is not as it was taken is refused, however old it is

    @postgres @SCH-VERIFY
    Scenario Outline: The oldest backup of a month is <damage>
      Given a copy of the camera-counting database
      And it has been backed up
      And a backup of each of the last thirty days is kept
      And the oldest of them has since been <damage>
      When its stored backups are verified
      Then the verification is refused as "<reason>"
      And the oldest of them, and no other, is named

      Examples:
        | damage                 | reason            |
        | altered by one bit     | checksum-mismatch |
        | cut off half way       | backup-truncated  |
        | lengthened by one byte | backup-altered    |
        | robbed of a file       | file-missing      |
        | robbed of its manifest | manifest-invalid  |

    @postgres @SCH-VERIFY
    Scenario: The oldest backup of a month is gone
      Given a copy of the camera-counting database
      And it has been backed up
      And a backup of each of the last thirty days is kept
      And its stored backups have been verified
      And somebody has since removed the oldest of them
      When its stored backups are verified
      Then the verification is refused as "backup-missing"

    @postgres @SCH-VERIFY
    Scenario Outline: A segment of the log is <damage>
      Given the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And a segment of the archive has since been <damage>
      When its stored backups are verified
      Then the verification is refused as "<reason>"

      Examples:
        | damage             | reason            |
        | altered by one bit | checksum-mismatch |
        | lost               | wal-missing       |

  Rule: A verification that has stopped is not overlooked

    @postgres @SCH-VERIFY
    Scenario: It runs every day
      Given a copy of the camera-counting database
      And it has been backed up
      And its stored backups have been verified
      When the catalogue is looked at on the same day
      Then the verification is in time

    @postgres @SCH-VERIFY
    Scenario: It ran two days ago for the last time
      Given a copy of the camera-counting database
      And it has been backed up
      And its stored backups have been verified
      When 2 days pass without another verification
      Then it is noticed that nothing was verified in time

    @postgres @SCH-VERIFY
    Scenario: It has never run
      Given a copy of the camera-counting database
      And it has been backed up
      When 2 days pass without another verification
      Then it is noticed that nothing was verified in time
