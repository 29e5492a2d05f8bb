@redis
Feature: Every sort of content comes back as what it was

  A backup that was only ever tried with texts has not been tried: work in hand, sessions, rankings, positions
  and arbitrary bytes each take a way of their own into the file and out of it.

  Rule: Nothing that the application keeps is left out

    @INT-CACHE
    Scenario Outline: One of everything is lost, with <protection>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up
      And it has again:
        | what                                    | kind   |
        | a live counter                          | string |
        | an empty text                           | string |
        | a key and a value of arbitrary bytes    | string |
        | the newest alerts in their order        | list   |
        | the sites                               | set    |
        | the sites by number                     | set    |
        | a camera's attributes                   | hash   |
        | zones that are forgotten one by one     | hash   |
        | the ranking of the cameras              | zset   |
        | where the cameras stand                 | zset   |
        | which cameras were seen today           | string |
        | how many visitors there were, roughly   | string |
        | events, and who is at work on which     | stream |
        | a floor plan of a quarter of a megabyte | string |
        | three thousand faces                    | hash   |

      Examples:
        | protection                          |
        | snapshots copied as a replica would |
        | an append-only file                 |

  Rule: A backup of a newer server is refused, not half understood

    @INT-CACHE-DAMAGE
    Scenario Outline: The file is <origin>
      Given the camera-counting cache
      And it has been backed up
      And the backup is <origin>
      When it is lost and a recovery is attempted
      Then the restore is refused as "newer-version"
      And the target is as blank as INT-CACHE-DAMAGE demands

      Examples:
        | origin                      |
        | written by a newer server   |
        | said to be another engine's |
