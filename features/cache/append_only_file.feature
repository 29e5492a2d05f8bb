@redis
Feature: A lost cache comes back whole from a copy of its append-only file

  The file grows while it is copied and is replaced while nobody looks: a copy is consistent or it is no backup.
  Kept on the server's own disk alone, it is lost with that disk.

  Rule: A restore brings back everything that the file held

    @AOF-CACHE
    Scenario Outline: The server and its disk are lost, with <protection>
      Given the camera-counting cache, kept by <protection>
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as AOF-CACHE demands

      Examples:
        | protection                                 |
        | an append-only file                        |
        | an append-only file flushed at every write |

    @AOF-CACHE
    Scenario: It is written to while its file is copied
      Given the camera-counting cache, kept by an append-only file
      And it is written to without pause
      And it has been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And no write is missing before one that is there

  Rule: The server rewrites its file by itself again, when the copy is done or the next one after a killed one

    @AOF-CACHE
    Scenario: A backup is completed
      Given the camera-counting cache, kept by an append-only file
      When a backup is completed
      Then it rewrites its file by itself as before

    @AOF-CACHE
    Scenario: A backup and all that it had started are killed, and the next one is completed
      Given the camera-counting cache, kept by an append-only file
      When a backup is killed while the file is held still
      And a backup is completed
      Then it rewrites its file by itself as before

  Rule: A server without such a file is refused

    @AOF-CACHE
    Scenario: The file was switched off
      Given the camera-counting cache, kept by an append-only file
      And the file has been switched off
      When a backup is attempted
      Then the backup fails as "appendonly-off"
      And there is no restore point
