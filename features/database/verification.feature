@postgres
Feature: A recovered server is sound below its rows

  Rows that read well can lie on pages that do not, or be missing from an index that the next query uses. So every
  page and every index of what was recovered is examined, with the database's own tools.

  Rule: What was recovered is free of damage

    @VERIFY-DB
    Scenario: The server is recovered from a chain of increments
      Given the camera-counting server with its log archived
      And a chain of a full backup and three increments has been taken
      When it is lost and recovered as of the last increment
      Then it is as it was at the last increment
      And it is free of damage, as VERIFY-DB demands

    @VERIFY-DB
    Scenario: The database is recovered from a dump
      Given the camera-counting database
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up
      And it is free of damage, as VERIFY-DB demands

  Rule: What is restored is what the server had sent, before anything is started on it

    @VERIFY-DB
    Scenario Outline: Only the files of <link> are restored
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      When it is lost, and only its files are restored as of <link>
      Then every file is what the backup's own manifest says, as VERIFY-DB demands

      Examples:
        | link               |
        | the full backup    |
        | the last increment |

    @VERIFY-DB
    Scenario Outline: A restored file has been <damage>
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And it has been lost, and only its files were restored as of the last increment
      And the largest of them has since been <damage>
      When its files are read before it starts
      Then the damage is found as "BACKUP-FILE"

      Examples:
        | damage                 |
        | altered by one bit     |
        | lengthened by one byte |
        | robbed of a file       |

  Rule: Damage is not overlooked

    @VERIFY-DB
    Scenario Outline: <damage> on the server
      Given the camera-counting database
      And on it <damage>
      When it is examined
      Then the damage is found as "<finding>"

      Examples:
        | damage                       | finding       |
        | a page is altered by one bit | PAGE-CHECKSUM |
        | an index has lost entries    | STRUCTURE     |
