Feature: The room that backups take is known, and less than what they hold

  Whoever pays for storage, or runs out of it, needs to know what is stored, what it holds and how it grows.

  Rule: What is on record is what is stored

    @SIZE @COMPRESSION
    Scenario Outline: The backups of <store> are measured
      Given <store>
      And it has been backed up
      When the room that its backups take is measured
      Then the size of every backup is on record, as SIZE demands
      And they take less room than what they hold, as COMPRESSION demands

      @postgres
      Examples:
        | store                                      |
        | a copy of the camera-counting database     |
        | the camera-counting server without its log |

      @redis
      Examples:
        | store                     |
        | the camera-counting cache |

  Rule: A size that is not what is stored is not overlooked

    @postgres @SIZE
    Scenario: A backup is cut off after its size was recorded
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup has since been cut off half way
      When the room that its backups take is measured
      Then a size on record is not what is stored
