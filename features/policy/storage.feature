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

  Rule: That the disk will be full is known while there is still room

    @postgres @SIZE
    Scenario Outline: A disk has room for <room>
      Given a copy of the camera-counting database
      And it has been backed up
      And backups like it have been taken for a week
      When it is asked how long a disk with room for <room> lasts
      Then that it lasts for the retention term is <verdict>

      Examples:
        | room                     | verdict   |
        | the growth of ten days   | disproven |
        | the growth of sixty days | proven    |

    @postgres @SIZE
    Scenario: Nobody knows yet how backups grow
      Given a copy of the camera-counting database
      And it has been backed up
      When it is asked how long a disk with room for the growth of sixty days lasts
      Then that it lasts for the retention term is unproven

  Rule: A size that is not what is stored is not overlooked

    @postgres @SIZE
    Scenario: A backup is cut off after its size was recorded
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup has since been cut off half way
      When the room that its backups take is measured
      Then a size on record is not what is stored
