Feature: What users keep on the host comes back from its backup

  Restores of files lose what nobody looks at: who may read a file, that two names are one file, an empty directory,
  a name with a line break in it. What comes back is compared with what was there, entry by entry.

  Rule: A restore brings back every file, and everything about it

    @INT-USER
    Scenario: The host and its disk are lost
      Given the camera-counting host with its user data
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-USER demands

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
