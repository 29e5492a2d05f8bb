Feature: What users keep on the host comes back from its backup

  Restores of files lose what nobody looks at: who may read a file, that two names are one file, an empty directory,
  a name with a line break in it. What comes back is compared with what was there, entry by entry.

  Rule: A restore brings back every file, and everything about it

    @INT-USER
    Scenario: The host and its disk are lost
      Given the camera-counting host, as the runtime has it, with its user data
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-USER demands

    @INT-USER @slow
    Scenario: The host holds very many files, and one that is very large
      Given the camera-counting host with its user data
      And it holds 50000 small files more, and a disk image of 2 GiB that is mostly holes
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-USER demands
      And the disk image has its 2 GiB, and takes less than 1 MiB of the disk

  Rule: Every file belongs to whom it belonged

    @INT-OWNERS @root
    Scenario Outline: The host is lost with its <files>
      Given the camera-counting host with its <files>
      And they belong to several users
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-OWNERS demands

      Examples:
        | files                  |
        | user data              |
        | configuration          |
        | security configuration |

  Rule: What is promised is restored, not only what is newest

    @INT-USER
    Scenario Outline: <which> is restored
      Given the camera-counting host with its user data
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from <backup>
      Then it holds exactly what was backed up, as INT-USER demands

      Examples:
        | which                                  | backup                                |
        | The oldest promised backup             | the oldest promised backup            |
        | A promised backup that chance chooses  | a promised backup that chance chooses |

  Rule: A disaster costs less than an hour of work

    @RPO-USER
    Scenario: The host is lost while files are written without pause
      Given the camera-counting host with its user data
      And it is written to without pause
      And it has been backed up while it is written to
      And its changes have been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And the data loss, at worst under the schedule, meets RPO-USER

  Rule: A file that never holds still is not taken for one that was backed up

    @INT-USER
    Scenario: A file is written to each time that it is read
      Given the camera-counting host with its user data
      And one of its files is written to without pause
      When a backup is attempted
      Then the backup fails as "source-changing"
      And there is no restore point

  Rule: An archive that leads out of its target is refused

    @INT-USER
    Scenario Outline: The archive <trick>
      Given the camera-counting host with its user data
      And it has been backed up
      And somebody has had the archive <trick>
      When it is lost and a recovery is attempted
      Then the restore is refused as "archive-unsafe"
      And the target is as blank as INT-USER demands
      And nothing has appeared outside it

      Examples:
        | trick                                 |
        | name an absolute place                |
        | climb out of its target               |
        | lead out through a link               |

  Rule: A damaged backup is refused and the target stays untouched

    @INT-USER
    Scenario Outline: The backup is <damage>
      Given the camera-counting host with its user data
      And it has been backed up
      And the backup has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-USER demands

      Examples:
        | damage                 | reason            |
        | cut off half way       | backup-truncated  |
        | altered by one bit     | checksum-mismatch |
        | lengthened by one byte | backup-altered    |
        | robbed of a file       | file-missing      |
        | robbed of its manifest | manifest-invalid  |
        | described otherwise    | manifest-invalid  |

  Rule: A restore over what is still there is refused

    @INT-USER
    Scenario: The files are still there
      Given the camera-counting host with its user data
      And it has been backed up
      When a restore over what is still there is attempted
      Then the restore is refused as "target-not-empty"
      And it holds exactly what was backed up
