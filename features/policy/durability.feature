Feature: What is called done is on the disk, should the power fail a moment later

  What was written lies in the memory of the kernel at first, and the name of a backup may reach the disk before the
  backup does. So all of it is flushed before it gets its name, and the name is flushed before anything is called done.

  Rule: Nothing has its name before it is on the disk

    Scenario Outline: <store> is backed up
      Given what the commands flush is written down
      And <store>
      When it is backed up
      Then everything was flushed before it was called done, as DURABLE demands

      @postgres @DURABLE
      Examples:
        | store                                      |
        | a copy of the camera-counting database     |
        | the camera-counting server without its log |

      @redis @DURABLE
      Examples:
        | store                     |
        | the camera-counting cache |

      @DURABLE
      Examples:
        | store                                           |
        | the camera-counting host with its configuration |
        | the source code of the application              |

  Rule: What was never flushed is not overlooked

    @DURABLE
    Scenario: The commands flush nothing
      Given the commands flush nothing, and what they rename is written down
      And the camera-counting host with its configuration
      When it is backed up
      Then it is found that something was not flushed
