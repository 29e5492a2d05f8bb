Feature: The application's configuration comes back from its backups, and its secrets stay secret

  Without its configuration the application is a program that counts nothing. It holds passwords, so that whoever finds
  its backup must not be able to read it, and it is small enough to be kept after every change.

  Rule: A restore brings back every file, and everything about it

    @INT-CONFIG @RTO-IMPORTANT
    Scenario: The host and its disk are lost
      Given the camera-counting host, as the runtime has it, with its configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-CONFIG demands
      And the recovery time meets RTO-IMPORTANT

  Rule: The containers' definition comes back as it was written and as it was resolved, and can be used

    @INT-COMPOSE @nightly
    Scenario Outline: The compose tool is given the definition that was restored from backups that are <protection>
      Given backups are <protection>
      And the camera-counting host with its configuration
      And it is known what its containers' definition means
      And it has been backed up
      When it is lost and recovered from the backup
      Then its containers' definition means the same, as INT-COMPOSE demands

      Examples:
        | protection    |
        | encrypted     |
        | not encrypted |

  Rule: A definition that the compose tool refuses is not overlooked

    @INT-COMPOSE @nightly
    Scenario: The definition has a service without an image
      Given the camera-counting host with its configuration
      And its containers' definition has lost the image of a service
      When a backup is attempted
      Then the backup fails as "definition-unresolved"
      And there is no restore point

    @INT-COMPOSE @nightly
    Scenario: The definition takes the password for a number, which the tool would quote
      Given the camera-counting host with its configuration
      And its containers' definition takes the password for a number
      When a backup is attempted
      Then the backup fails as "definition-unresolved"
      And nothing that the host guards is in what the command said

  Rule: Every link of the chain of daily increments can be restored

    @INT-CONFIG
    Scenario Outline: The configuration is recovered from <link>
      Given the camera-counting host with its configuration
      And a chain of a full backup and three increments has been taken
      When it is lost and recovered as of <link>
      Then it holds exactly what it held at <link>, as INT-CONFIG demands

      Examples:
        | link                |
        | the first increment |
        | the last increment  |

  Rule: Pruning never takes the beginning from a chain that is kept

    @INT-CONFIG
    Scenario: The full backup's term is over, and not that of its increments
      Given the camera-counting host with its configuration
      And a chain of a full backup and three increments has been taken
      When it is pruned while only its last increments are promised
      Then the pruning is done
      And nothing in the repository has changed

  Rule: A disaster costs less than a day of work

    @RPO-CONFIG
    Scenario: The host is lost while its configuration is changed without pause
      Given the camera-counting host with its configuration
      And it is written to without pause
      And it has been backed up while it is written to
      And its changes have been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And the data loss, at worst under the schedule, meets RPO-CONFIG

  Rule: A broken chain is refused

    @INT-CONFIG
    Scenario Outline: A link in the middle is <damage>
      Given the camera-counting host with its configuration
      And a chain of a full backup and three increments has been taken
      And the second increment has since been <damage>
      When it is lost and recovered as of the last increment
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | damage                             | reason            |
        | altered by one bit                 | checksum-mismatch |
        | robbed of a file                   | file-missing      |
        | lost                               | chain-broken      |
        | replaced by one of a sibling chain | chain-broken      |

  Rule: No stored byte can be read without the key, and whoever has it gets everything back

    @CRYPT-CONFIG
    Scenario: The stored backups are searched
      Given backups are encrypted
      And the camera-counting host with its configuration
      And a chain of a full backup and three increments has been taken
      When what is stored is searched for what the host guards
      Then nothing of it can be read, as CRYPT-CONFIG demands

    @CRYPT-CONFIG
    Scenario: The configuration is recovered from its encrypted chain
      Given backups are encrypted
      And the camera-counting host with its configuration
      And a chain of a full backup and three increments has been taken
      When it is lost and recovered as of the last increment
      Then it is as it was at the last increment

  Rule: Without the right key the restore is refused

    @CRYPT-CONFIG
    Scenario Outline: The key has been <damage>
      Given backups are encrypted
      And the camera-counting host with its configuration
      And it has been backed up
      And the key has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | damage                        | reason      |
        | lost                          | key-missing |
        | replaced by another one       | wrong-key   |
        | left where others can read it | key-exposed |

  Rule: No command tells what it keeps

    @CRYPT-CONFIG
    Scenario: What the backup and the restore have said is searched
      Given the camera-counting host with its configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then nothing that the host guards is in what the commands said

  Rule: What can be read is not overlooked

    @CRYPT-CONFIG
    Scenario: The backup is stored as it is
      Given backups are not encrypted
      And the camera-counting host with its configuration
      And it has been backed up
      When what is stored is searched for what the host guards
      Then all of it can be read
