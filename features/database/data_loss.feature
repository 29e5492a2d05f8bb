@postgres
Feature: A lost database loses no more than the policy allows

  The loss is measured from writes that the server had acknowledged. How much it can be at worst is counted from the
  schedule and the time limits: a disaster does not wait for the next backup.

  Rule: One disaster, three ways to have kept the data

    @RPO-DB
    Scenario: The server is killed under load
      Given the camera-counting server kept in three ways
      And it is written to without pause
      And it has been backed up in each way while it is written to
      When it is lost under load and recovered in each way
      Then every way has what it had for sure, and none lost a write before one that it kept
      And at worst the daily dump alone misses RPO-DB
      And at worst the archived and the streamed log meet RPO-DB

  Rule: What never became a backup is no restore point

    @RPO-DB
    Scenario: The newest backup was killed half way
      Given the camera-counting database
      And it has been backed up
      And a later backup has been killed half way
      When it is lost and recovered from the newest restore point
      Then the later backup is no restore point
      And it gives its first answer as before
