Feature: Logs are rotated every day, and a rotation that has stopped is not overlooked

  Days pass over a host: its application writes lines, its own timetable has its logs rotated by its own rules, and what
  the policy schedules backs them up. Between rotation and backup no line may get lost.

  Rule: Every day has a rotation, and its backup has every line

    @SCH-LOGS
    Scenario: The disk is lost after four days
      Given the camera-counting host with its logs
      And four days of its timetable and of the schedule have passed
      When its disk is lost and the newest of the backups restored
      Then every backup of these days is there
      And every line written before the last of them is there, and no other
      And the longest time without a rotation meets SCH-LOGS

  Rule: A rotation that has stopped is not overlooked

    @SCH-LOGS
    Scenario Outline: Nothing is rotated daily, because <cause>
      Given the camera-counting host with its logs
      And <cause>
      When four days of its timetable and of the schedule pass
      Then every backup of these days is there
      And the longest time without a rotation does not meet SCH-LOGS

      Examples:
        | cause                                     |
        | its rules wait until the log is large     |
        | its timetable has them rotated on Sundays |
        | its timetable has been removed            |

  Rule: No line is lost by a rotation while somebody writes, and rules that lose some are not overlooked

    @SCH-LOGS
    Scenario: The log is rotated under load
      Given the camera-counting host with its logs
      And it is written to without pause
      When its log is rotated under load as on three days
      Then every line that was acknowledged is there

    @SCH-LOGS
    Scenario Outline: By its rules, <cause>
      Given the camera-counting host with its logs
      And by its rules, <cause>
      And it is written to without pause
      When its log is rotated under load as on three days
      Then lines that were acknowledged are nowhere

      Examples:
        | cause                                         |
        | the log is copied and then emptied            |
        | the log is packed, and its writer is not told |
        | no rotated log is kept                        |
        | one rotated log is kept                       |
