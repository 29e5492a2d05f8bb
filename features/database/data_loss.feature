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
      When it is lost under load at a random moment and recovered in each way
      Then at least 500 commits a second were acknowledged
      And every way has what it had for sure, and none lost a write before one that it kept
      And at worst the daily dump alone misses RPO-DB, which the archived and the streamed log meet

  Rule: What its age alone sends away is kept, whenever disaster strikes

    @RPO-DB
    Scenario: Nobody finishes a segment, and nobody announces the disaster
      Given the log is archived after 1 s at the latest
      And the camera-counting server with its log archived
      And it is written to without pause
      And it has been backed up while it is written to
      When its age alone has its log archived, and it is lost at a random moment and recovered
      Then every write that was archived is there, and none is missing before one that is there
      And no more is lost than that time and the archive's delay explain, which meets RPO-DB

  Rule: A receiver that was away has missed nothing

    @RPO-DB
    Scenario: The receiver is killed, and started again
      Given the camera-counting server with its log streamed
      And it is written to without pause
      And it has been backed up while it is written to
      And the receiver was killed, the server went on without it, and it was started again
      When it is lost under load and recovered from the backup
      Then every write acknowledged before the receiver had caught up is there
      And no write is missing before one that is there

  Rule: What never became a backup is no restore point

    @RPO-DB
    Scenario: The newest backup was killed half way
      Given the camera-counting database
      And it has been backed up
      And a later backup has been killed half way
      When it is lost and recovered from the newest restore point
      Then the later backup is no restore point
      And it gives its first answer as before
