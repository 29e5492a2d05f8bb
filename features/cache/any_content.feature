@redis
Feature: Whatever was written comes back

  Nobody thinks of every content beforehand. Writes are drawn at random, all types in several database indexes, keys
  renamed, moved, given an end and deleted, alone, in transactions and by scripts; a model says what must be there.

  Rule: What the model says is what comes back

    @INT-CACHE
    Scenario Outline: Random writes are lost again and again, with <protection>
      Given an empty cache, kept by <protection>
      When random writes are made, lost and recovered several times
      Then every time all of it came back

      Examples:
        | protection                          |
        | snapshots copied as a replica would |
        | an append-only file                 |

  Rule: A recovery that lost any of it is refused

    @INT-CACHE
    Scenario: A recovery forgets one write
      Given an empty cache, kept by snapshots copied as a replica would
      And every recovery forgets one write
      When random writes are made, lost and recovered several times
      Then it is noticed that something did not come back
