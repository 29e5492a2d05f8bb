Feature: The catalogue tells what is stored as it was taken, and names what of it does not hold

  Whoever has to restore looks there first: what is stored, what it builds on, how old it is and until when it is kept.
  What is told is held against what each backup said when it was taken, and against the files that are there.

  Rule: What was backed up is listed as it was taken

    @postgres @redis @SIZE
    Scenario: A server was backed up with its increments, and its cache
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And the camera-counting cache
      And it has been backed up
      When what is stored is looked up in the catalogue
      Then it tells of these sets, and that all of it holds:
        | set               | points | chains |
        | postgres-physical | 4      | 1      |
        | redis             | 1      | 1      |
      And every backup is listed with its chain, its age, its term and its size, as SIZE demands

    @postgres @SCH-VERIFY
    Scenario: What is stored has been verified
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And its stored backups have been verified
      When what is stored is looked up in the catalogue
      Then every one of them is listed as read, and as found right
      And those of every procedure are read again as often as SCH-VERIFY demands

  Rule: What does not hold is not overlooked, and nothing else is named

    @postgres @SCH-VERIFY
    Scenario Outline: A link in the middle is <damage>
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And the second increment has since been <damage>
      When what is stored is looked up in the catalogue
      Then these do not hold, and nothing else is named:
        | backup               | flaw          |
        | the second increment | <flaw>        |
        | the last increment   | parent-flawed |

      Examples:
        | damage                 | flaw             |
        | altered by one bit     | checksum-differs |
        | cut off half way       | size-differs     |
        | lengthened by one byte | size-differs     |
        | robbed of a file       | file-missing     |
        | robbed of its manifest | manifest-missing |
        | described otherwise    | manifest-altered |

    @postgres @SCH-VERIFY
    Scenario: A link in the middle is gone
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And the second increment has since been lost
      When what is stored is looked up in the catalogue
      Then these do not hold, and nothing else is named:
        | backup             | flaw           |
        | the last increment | parent-missing |

    @postgres @SCH-VERIFY
    Scenario: A backup was taken by a clock that was a day ahead
      Given a copy of the camera-counting database
      And it has been backed up
      And it has been backed up by a clock that was a day ahead
      When what is stored is looked up in the catalogue
      Then the backup does not hold by "time-ahead", and nothing else is named
