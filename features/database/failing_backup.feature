@postgres
Feature: A backup of the database that fails says so, and leaves nothing that looks like one

  Half a dump that ends with success is found out on the day of the disaster. A failure is told at once, with its reason,
  and what it had begun is no restore point.

  Rule: A database that cannot be read to its end is refused as a source

    @RPO-DB
    Scenario: A page of it cannot be read
      Given the camera-counting database
      And on it a page is altered by one bit
      When a backup is attempted
      Then the backup fails as "dump-failed"
      And there is no restore point
