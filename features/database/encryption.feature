@postgres
Feature: Nobody without the key learns anything from a backup

  A backup holds all that the database guards. Whoever finds the disk that it lies on must find nothing there,
  and whoever has the key must find everything.

  Rule: No stored byte can be read without the key

    @CRYPT-DB
    Scenario: The dump is searched
      Given backups are encrypted
      And the camera-counting database
      And it has been backed up
      When what is stored is searched for what the database holds
      Then nothing of it can be read, as CRYPT-DB demands

    @CRYPT-DB
    Scenario: The physical backups are searched
      Given backups are encrypted
      And the camera-counting server without its log
      And a chain of a full backup and three increments has been taken
      When what is stored is searched for what the database holds
      Then nothing of it can be read, as CRYPT-DB demands

  Rule: Whoever has the key gets everything back

    @CRYPT-DB
    Scenario: The database is recovered from the encrypted dump
      Given backups are encrypted
      And the camera-counting database
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up

    @CRYPT-DB
    Scenario: The server is recovered from the encrypted chain
      Given backups are encrypted
      And the camera-counting server without its log
      And a chain of a full backup and three increments has been taken
      When it is lost and recovered as of the last increment
      Then it is as it was at the last increment

  Rule: A change of keys costs no backup

    @CRYPT-DB
    Scenario Outline: The <kind> was taken before the key was changed
      Given backups are encrypted
      And <store>
      And it has been backed up
      And a new key has taken the place of the old one
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up

      Examples:
        | kind            | store                                      |
        | dump            | a copy of the camera-counting database     |
        | physical backup | the camera-counting server without its log |

    @CRYPT-DB
    Scenario: The dump was taken after the key was changed
      Given backups are encrypted
      And a copy of the camera-counting database
      And a new key has taken the place of the old one
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up

  Rule: After a change of keys, each key is refused by what was encrypted to the other

    @CRYPT-DB
    Scenario: Whoever has kept the old key reads no new backup
      Given backups are encrypted
      And a copy of the camera-counting database
      And a new key has taken the place of the old one
      And it has been backed up
      And all keys have since been lost but for the oldest
      When it is lost and a recovery is attempted
      Then the restore is refused as "wrong-key"

    @CRYPT-DB
    Scenario: Whoever has thrown the old key away reads no old backup
      Given backups are encrypted
      And a copy of the camera-counting database
      And it has been backed up
      And a new key has taken the place of the old one
      And all keys have since been lost but for the newest
      When it is lost and a recovery is attempted
      Then the restore is refused as "wrong-key"

  Rule: Without the right key the restore is refused

    @CRYPT-DB
    Scenario Outline: The key of the <kind> has been <damage>
      Given backups are encrypted
      And <store>
      And it has been backed up
      And the key has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | kind            | store                                      | damage                        | reason      |
        | dump            | a copy of the camera-counting database     | lost                          | key-missing |
        | dump            | a copy of the camera-counting database     | replaced by another one       | wrong-key   |
        | dump            | a copy of the camera-counting database     | left where others can read it | key-exposed |
        | physical backup | the camera-counting server without its log | lost                          | key-missing |

  Rule: An altered backup is refused by its encryption alone

    @CRYPT-DB
    Scenario Outline: The <kind> was altered by one bit
      Given backups are encrypted
      And <store>
      And it has been backed up
      And the backup was altered by one bit before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "wrong-key"
      And the target is blank

      Examples:
        | kind            | store                                      |
        | dump            | a copy of the camera-counting database     |
        | physical backup | the camera-counting server without its log |

  Rule: What can be read is not overlooked

    @CRYPT-DB
    Scenario Outline: The <kind> is stored as it is
      Given backups are not encrypted
      And <store>
      And it has been backed up
      When what is stored is searched for what the database holds
      Then all of it can be read

      Examples:
        | kind            | store                                      |
        | dump            | a copy of the camera-counting database     |
        | physical backup | the camera-counting server without its log |
