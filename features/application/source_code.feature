Feature: The source code comes back from its mirror with every ref

  A clone has the branches that somebody once asked for. A mirror has all of them, and tags, notes and what large files
  stand behind pointers; it is worth something only if every object in it is whole.

  Rule: A restore brings back every ref, every object and every large file

    @INT-CODE @RTO-IMPORTANT
    Scenario: The repository is lost
      Given the source code of the application
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-CODE demands
      And the recovery time meets RTO-IMPORTANT

    @INT-CODE
    Scenario: The repository is lost and its backup is encrypted
      Given backups are encrypted
      And the source code of the application
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-CODE demands

  Rule: An archive of a checkout brings back what is in no commit, too

    @INT-TREE
    Scenario: The checkout is lost
      Given the camera-counting host with its source tree
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-TREE demands

    @INT-TREE
    Scenario: The checkout is lost and a bit of its archive was altered
      Given the camera-counting host with its source tree
      And it has been backed up
      And the backup has since been altered by one bit
      When it is lost and a recovery is attempted
      Then the restore is refused as "checksum-mismatch"
      And the target is blank

  Rule: A mirror that is not whole is refused

    @INT-CODE
    Scenario Outline: The mirror was <damage> before its checksums were taken
      Given the source code of the application
      And it has been backed up
      And the backup was <damage> before its checksums were taken
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | damage                 | reason             |
        | altered by one bit     | repository-corrupt |
        | robbed of a ref        | refs-differ        |
        | robbed of a large file | repository-corrupt |

    @INT-CODE
    Scenario: A damaged object is in the source itself
      Given the source code of the application
      And one of its objects has been damaged
      When a backup is attempted
      Then the backup fails as "clone-failed"
      And there is no restore point
