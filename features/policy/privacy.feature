Feature: What is kept is open to its owner alone

  A backup holds what its source guards, and a scheduler hands its commands whatever umask it has. No file and no directory
  of a backup may be open to anybody else, not even for the moment before somebody closes it.

  Rule: Every command takes care by itself

    Scenario Outline: <store> is backed up
      Given everybody may read what the commands write, unless they take care
      And <store>
      And it has been backed up
      When who may read what is kept is looked at
      Then nobody but its owner may, as PRIVATE demands

      @postgres @PRIVATE
      Examples:
        | store                                      |
        | a copy of the camera-counting database     |
        | the camera-counting server without its log |

      @redis @PRIVATE
      Examples:
        | store                                               |
        | the camera-counting cache                           |
        | the camera-counting cache, kept by an append-only file |

      @PRIVATE
      Examples:
        | store                                            |
        | the camera-counting host with its user data      |
        | the source code of the application               |

      @machine @slow @nightly @PRIVATE
      Examples:
        | store                                     |
        | the camera-counting machine, just started |

    @postgres @PRIVATE
    Scenario: The server's own log is archived, and all of it is verified
      Given everybody may read what the commands write, unless they take care
      And the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And its stored backups have been verified
      When who may read what is kept is looked at
      Then nobody but its owner may, as PRIVATE demands

    @postgres @PRIVATE
    Scenario: A chain is taken
      Given everybody may read what the commands write, unless they take care
      And the camera-counting server without its log
      And a chain of a full backup and three increments has been taken
      When who may read what is kept is looked at
      Then nobody but its owner may, as PRIVATE demands

    @postgres @PRIVATE
    Scenario: An encrypted backup is fetched from the other site
      Given backups are encrypted
      And everybody may read what the commands write, unless they take care
      And a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When it is lost with all that is kept here, and recovered from the other site
      Then what is kept is open to nobody but its owner

  Rule: What others may read is not overlooked

    @postgres @PRIVATE
    Scenario Outline: Others may <what>
      Given a copy of the camera-counting database
      And it has been backed up
      And somebody has since let others <what>
      When who may read what is kept is looked at
      Then it is found that others may

      Examples:
        | what                  |
        | read its largest file |
        | read its manifest     |
        | enter its directory   |
