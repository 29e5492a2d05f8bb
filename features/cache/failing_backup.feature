@redis
Feature: A backup of the cache that fails says so, and leaves nothing that looks like one

  A job that went wrong and ended with success is found out on the day of the disaster. It is told at once, with its
  reason, and what it had begun is no restore point.

  Rule: A server that cannot or will not give its data is refused as a source

    @INT-CACHE
    Scenario Outline: The backup is taken <obstacle>
      Given the camera-counting cache, kept by <protection>
      When a backup is attempted <obstacle>
      Then the backup fails as "<reason>"
      And there is no restore point
      And no password is in what the command said

      Examples:
        | protection                          | obstacle                          | reason                |
        | snapshots copied as a replica would | with a wrong password             | authentication-failed |
        | an append-only file                 | with a wrong password             | authentication-failed |
        | snapshots copied as a replica would | as a user without the rights      | authentication-failed |
        | snapshots saved by its server       | as a user without the rights      | authentication-failed |
        | an append-only file                 | as a user without the rights      | authentication-failed |
        | snapshots copied as a replica would | from a server that is not there   | server-unreachable    |

    @INT-CACHE
    Scenario: The server does not let it copy
      Given the camera-counting cache
      And the backup's user may do everything but copy
      When a backup is attempted
      Then the backup fails as "authentication-failed"
      And there is no restore point

  Rule: A node of a cluster is refused, for it has a part of the data only

    @INT-CACHE
    Scenario Outline: The server is a node of a cluster, with <protection>
      Given a node of a cluster, kept by <protection>
      When a backup is attempted
      Then the backup fails as "cluster-unsupported"
      And there is no restore point

      Examples:
        | protection                          |
        | snapshots copied as a replica would |
        | an append-only file                 |
