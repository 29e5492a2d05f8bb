@postgres
Feature: A lost database loses no more than the policy allows

  The loss is measured from writes that the server had acknowledged, and the schedule decides how
  much it can be at worst: a disaster does not wait for the next backup.

  Rule: Only what was written since the last backup is lost

    @RPO-DB
    Scenario: The server is killed under load
      Given the camera-counting database
      And it is written to without pause
      And it has been backed up while it is written to
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the backup is there
      And no write is missing before one that is there
      And the data loss, at worst under the schedule, meets RPO-DB

  Rule: What never became a backup is no restore point

    @RPO-DB
    Scenario: The newest backup was killed half way
      Given the camera-counting database
      And it has been backed up
      And a later backup has been killed half way
      When it is lost and recovered from the newest restore point
      Then the later backup is no restore point
      And it gives its first answer as before
