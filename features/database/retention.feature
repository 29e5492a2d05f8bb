@postgres
Feature: Database backups of the last thirty days can be restored

  Keeping is proved by restoring the oldest point that is still promised, and one that chance chooses, after pruning.

  Rule: Pruning never breaks the promise

    @RET-DB
    Scenario: A year of daily backups is pruned every week
      Given the camera-counting database
      And it has been backed up
      When a year of daily backups is taken and pruned every week
      Then no promised backup was ever missing
      And the shortest reach back meets RET-DB
      And pruning kept no more than it had to

    @RET-DB
    Scenario: A pruning that is killed half way loses nothing
      Given the camera-counting database
      And it has been backed up
      When a year of daily backups is taken and their pruning is killed half way
      Then no promised backup is missing, and none in sight is damaged
      And the next pruning has finished it

    @RET-DB
    Scenario: The oldest promised backup is restored
      Given the camera-counting database
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from the oldest promised backup
      Then it holds exactly what was backed up

    @RET-DB
    Scenario: A promised backup that chance chooses is restored
      Given the camera-counting database
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from a promised backup that chance chooses
      Then it holds exactly what was backed up

    @RET-DB
    Scenario: A promised backup of the whole server that chance chooses is restored
      Given the camera-counting server without its log
      And it has been backed up twice, and written to in between
      When sixty days of daily backups like these are taken and pruned every week
      And it is lost and recovered from a promised backup that chance chooses
      Then it holds exactly what was backed up

  Rule: Pruning that cannot be right is refused

    @RET-DB
    Scenario: The clock runs backwards
      Given the camera-counting database
      And it has been backed up
      When it is pruned with a clock of last year
      Then the pruning is refused as "clock-backwards"
      And nothing in the repository has changed
