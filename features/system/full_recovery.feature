@machine @slow @nightly
Feature: A lost machine is built again from its system backup

  Files alone start nothing: a machine needs its disk laid out, its file systems under the names by which it knows them,
  and a boot loader. It is back when its application answers, on a disk that was blank.

  Rule: A blank disk becomes the machine that was lost

    @RTO-SYSTEM @INT-MACHINE
    Scenario: The machine is killed and its disk is gone
      Given the camera-counting machine
      And the whole of it has been backed up while it ran
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And the recovery time meets RTO-SYSTEM
      And it holds exactly what was backed up, as INT-MACHINE demands

  Rule: Where there is no machine, its files start as a container

    @INT-CONTAINER
    Scenario: The machine is killed and a container takes its place
      Given a container to take the place of the camera-counting machine
      And the whole of it has been backed up while it ran
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-CONTAINER demands

  Rule: A container that answers otherwise is not overlooked

    @INT-CONTAINER
    Scenario: A file of the application is forgotten
      Given every restore forgets which site it is
      And a container to take the place of the camera-counting machine
      And the whole of it has been backed up while it ran
      When it is lost and a recovery is attempted
      Then the restore itself finds nothing wrong
      And there is no recovery time

  Rule: A disk that starts nothing has no recovery time

    @RTO-SYSTEM
    Scenario: The boot loader is forgotten
      Given every rebuild forgets the boot loader
      And the camera-counting machine
      And the whole of it has been backed up while it ran
      When it is lost and a recovery is attempted
      Then the restore itself finds nothing wrong
      And there is no recovery time

  Rule: A damaged backup is refused and the disk stays blank

    @INT-MACHINE
    Scenario Outline: The backup is <damage>
      Given the camera-counting machine
      And the whole of it has been backed up while it ran
      And the backup has since been <damage>
      When it is lost and a recovery is attempted
      Then the restore is refused as "<reason>"
      And the target is as blank as INT-MACHINE demands

      Examples:
        | damage             | reason            |
        | cut off half way   | backup-truncated  |
        | altered by one bit | checksum-mismatch |
        | robbed of a file   | file-missing      |
