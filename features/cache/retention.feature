@redis
Feature: Cache backups of the last thirty days can be restored

  Keeping is proved by restoring the oldest point that is still promised, and one that chance chooses, after pruning.

  Rule: Pruning never breaks the promise

    @RET-CACHE
    Scenario: A year of daily backups is pruned every week
      Given the camera-counting cache
      And it has been backed up
      When a year of daily backups is taken and pruned every week
      Then no promised backup was ever missing
      And the shortest reach back meets RET-CACHE
      And pruning kept no more than it had to

    @RET-CACHE
    Scenario: The oldest promised backup is restored
      Given the camera-counting cache
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from the oldest promised backup
      Then it holds exactly what was backed up

    @RET-CACHE
    Scenario: A promised backup that chance chooses is restored
      Given the camera-counting cache
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from a promised backup that chance chooses
      Then it holds exactly what was backed up

    @RET-CACHE
    Scenario: The backups have stopped a year ago
      Given the camera-counting cache
      And it has been backed up
      And it has been backed up once more
      When it is pruned with a clock of next year
      Then the pruning is done
      And nothing in the repository has changed

  Rule: What has rotted takes no other backup's place

    @RET-CACHE
    Scenario: Every second backup rots, and that is found
      Given the camera-counting cache
      And it has been backed up
      When sixty days of daily backups are taken, every second rots, and they are verified and pruned every month
      Then no promised backup was ever missing
      And pruning kept no more than it had to

    @RET-CACHE
    Scenario: Nothing is verified any more
      Given the camera-counting cache
      And it has been backed up
      And its stored backups have been verified
      And it has been backed up once more
      When sixty days of daily backups are taken and pruned every week
      Then what was verified is still there

  Rule: Pruning that cannot be right is refused

    @RET-CACHE
    Scenario: The clock runs backwards
      Given the camera-counting cache
      And it has been backed up
      When it is pruned with a clock of last year
      Then the pruning is refused as "clock-backwards"
      And nothing in the repository has changed
