Feature: Nobody without the key learns anything from any store's backups, wherever they lie

  Whoever finds a disk, or gets into the other site, takes what is easiest to read there. So every kind of store, the log
  that its server archives, and the copies far away are searched alike for what the store guards.

  Rule: No stored byte can be read without the key, here or at the other site

    Scenario Outline: <store> is searched
      Given backups are encrypted
      And <store>
      And it has been backed up
      And its backups have been copied to the other site
      When what is stored, here and at the other site, is searched for what the store guards
      Then nothing of it can be read at either place, as CRYPT-ALL demands

      @postgres @CRYPT-ALL
      Examples:
        | store                                  |
        | a copy of the camera-counting database |

      @redis @CRYPT-ALL
      Examples:
        | store                                                  |
        | the camera-counting cache                              |
        | the camera-counting cache, kept by an append-only file |

      @CRYPT-ALL
      Examples:
        | store                                                    |
        | the camera-counting host with its user data              |
        | the camera-counting host with its security configuration |
        | the source code of the application                       |

      @machine @slow @nightly @CRYPT-ALL
      Examples:
        | store                                     |
        | the camera-counting machine, just started |

    @postgres @CRYPT-LOG
    Scenario: The archived log is searched
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And its log has filled several segments
      And its backups and its log have been copied to the other site
      When the log, here and at the other site, is searched for what was written to it
      Then nothing of it can be read at either place, as CRYPT-LOG demands

  Rule: Whoever has the key gets the log back, too

    @postgres @CRYPT-LOG
    Scenario: The server is recovered to the end of its encrypted log
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And its log has filled several segments
      And it has been backed up
      When it is lost and recovered to the end of its log
      Then it holds exactly what was backed up

  Rule: A change of keys costs no backup, whatever was backed up

    Scenario Outline: <store> was backed up before the key was changed
      Given backups are encrypted
      And <store>
      And it has been backed up
      And a new key has taken the place of the old one
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up

      @redis @CRYPT-ALL
      Examples:
        | store                     |
        | the camera-counting cache |

      @CRYPT-ALL
      Examples:
        | store                                         |
        | the camera-counting host with its user data   |
        | the camera-counting host with its configuration |
        | the source code of the application            |

      @machine @slow @nightly @CRYPT-ALL
      Examples:
        | store                                     |
        | the camera-counting machine, just started |

    @postgres @CRYPT-LOG
    Scenario: A part of the log was archived before the key was changed
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And the key has been changed, and its log has gone on under the new one
      When it is lost and recovered to the end of its log
      Then it holds every write that was archived, as CRYPT-LOG demands

  Rule: Without the right key, and where a bit was altered, the restore of anything is refused

    Scenario Outline: <store>: the key has been <damage>
      Given backups are encrypted
      And <store>
      And it has been backed up
      And the key has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is blank

      @redis @CRYPT-ALL
      Examples:
        | store                     | damage                  | reason      |
        | the camera-counting cache | lost                    | key-missing |
        | the camera-counting cache | replaced by another one | wrong-key   |

      @CRYPT-ALL
      Examples:
        | store                                       | damage                  | reason      |
        | the camera-counting host with its user data | lost                    | key-missing |
        | the camera-counting host with its user data | replaced by another one | wrong-key   |
        | the source code of the application          | lost                    | key-missing |
        | the source code of the application          | replaced by another one | wrong-key   |

      @machine @slow @nightly @CRYPT-ALL
      Examples:
        | store                                     | damage                  | reason      |
        | the camera-counting machine, just started | lost                    | key-missing |
        | the camera-counting machine, just started | replaced by another one | wrong-key   |

    Scenario Outline: <store>: the backup was altered by one bit
      Given backups are encrypted
      And <store>
      And it has been backed up
      And the backup was altered by one bit before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "wrong-key"
      And the target is blank

      @redis @CRYPT-ALL
      Examples:
        | store                     |
        | the camera-counting cache |

      @CRYPT-ALL
      Examples:
        | store                                           |
        | the camera-counting host with its user data     |
        | the camera-counting host with its configuration |
        | the source code of the application              |

      @machine @slow @nightly @CRYPT-ALL
      Examples:
        | store                                     |
        | the camera-counting machine, just started |

    @postgres @CRYPT-LOG
    Scenario Outline: The keys of a log that was archived to two of them have been <damage>
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And it has been backed up
      And the key has been changed, and its log has gone on under the new one
      And the keys of the log have since been <damage>
      When it is lost and recovered to the end of its log
      Then the server gives its recovery up, as the log is refused as "wrong-key"

      Examples:
        | damage                  |
        | lost but for the newest |
        | lost but for the oldest |

    @postgres @CRYPT-LOG
    Scenario: A segment of the encrypted log has been altered by one bit
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And a segment of the archive has since been altered by one bit
      When it is lost and recovered to the end of its log
      Then the restore is refused as "checksum-mismatch"

    @postgres @CRYPT-LOG
    Scenario: A segment of the encrypted log was altered by one bit before its checksum was taken
      Given backups are encrypted, and so is the log
      And the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And a segment of the archive was altered by one bit before its checksum was taken
      When it is lost and recovered to the end of its log
      Then the server gives its recovery up, as the log is refused as "wrong-key"

  Rule: What can be read is not overlooked

    Scenario Outline: <store> is stored as it is
      Given backups are not encrypted
      And <store>
      And it has been backed up
      And its backups have been copied to the other site
      When what is stored, here and at the other site, is searched for what the store guards
      Then all of it can be read at both places

      @redis @CRYPT-ALL
      Examples:
        | store                                                  |
        | the camera-counting cache                              |
        | the camera-counting cache, kept by an append-only file |

      @CRYPT-ALL
      Examples:
        | store                                       |
        | the camera-counting host with its user data |
        | the source code of the application          |

      @machine @slow @nightly @CRYPT-ALL
      Examples:
        | store                                     |
        | the camera-counting machine, just started |

    @postgres @CRYPT-LOG
    Scenario: The log is archived as it is
      Given backups are not encrypted
      And the camera-counting server with its log archived
      And its log has filled several segments
      And its backups and its log have been copied to the other site
      When the log, here and at the other site, is searched for what was written to it
      Then all of it can be read at both places
