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
      And nothing is told of what they take and cost at the end of it

  Rule: What backups cost is known, now and at the end of the retention term

    @SIZE
    Scenario Outline: <store> is backed up for a week
      Given a policy by which a gigabyte costs <price> a month
      And <store>
      And it has been backed up
      And backups like it have been taken for a week
      When it is asked what they take and cost
      Then a month of what is stored costs <price> for every gigabyte
      And a month of what they have grown to by the end of the retention term costs <price> for every gigabyte

      @postgres
      Examples:
        | store                                      | price |
        | a copy of the camera-counting database     | 0.5   |
        | the camera-counting server without its log | 2     |

      @redis
      Examples:
        | store                     | price |
        | the camera-counting cache | 0.023 |

    @postgres @SIZE
    Scenario: The log that is kept beside them is paid for, too
      Given a policy by which a gigabyte costs 0.5 a month
      And the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      When it is asked what they take and cost
      Then a month of what is stored costs 0.5 for every gigabyte

    @postgres @SIZE
    Scenario: Nobody has said what storage costs
      Given a policy that names no price of storage
      And a copy of the camera-counting database
      And it has been backed up
      And backups like it have been taken for a week
      When it is asked what they take and cost
      Then it is told what they take, and no cost

  Rule: A size that is not what is stored is not overlooked

    @postgres @SIZE
    Scenario: A backup is cut off after its size was recorded
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup has since been cut off half way
      When the room that its backups take is measured
      Then a size on record is not what is stored
