@postgres
Feature: A lost server comes back from a full backup and its increments

  An increment holds what has changed and nothing else. It is worth something only together with everything
  that it builds on, so one bad link must stop the recovery before the target is touched.

  Rule: Every link of the chain can be restored

    @INC-DB
    Scenario Outline: The server is recovered from <link>
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      When it is lost and recovered as of <link>
      Then it holds exactly what it held at <link>, as INC-DB demands
      And no chain that the schedule makes is longer

      Examples:
        | link                 |
        | the full backup      |
        | the first increment  |
        | the second increment |
        | the last increment   |

  Rule: An increment is smaller than what it builds on

    @INC-DB
    Scenario: Little has changed since the full backup
      Given the camera-counting server with its log archived
      When a chain of a full backup and three increments is taken
      Then every increment is smaller than the full backup

  Rule: A broken chain is refused

    @INC-DB
    Scenario Outline: A link in the middle is <damage>
      Given the camera-counting server, of which a chain has been taken and kept
      And its chain of a full backup and three increments
      And the second increment has since been <damage>
      When it is lost and recovered as of the last increment
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | damage                     | reason            |
        | altered by one bit         | checksum-mismatch |
        | robbed of a file           | file-missing      |
        | lost                       | chain-broken      |
        | altered and described anew | chain-broken      |

    @INC-DB
    Scenario: A link in the middle was mistaken for one of a sibling chain
      Given the camera-counting server with its log archived
      And a chain of a full backup and three increments has been taken
      And the second increment has since been replaced by one of a sibling chain
      When it is lost and recovered as of the last increment
      Then the restore is refused as "chain-broken"
      And the target is blank
