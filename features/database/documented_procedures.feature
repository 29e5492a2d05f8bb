@postgres
Feature: What the written procedures really do is known

  The document's own PostgreSQL commands are carried out as they are written. Where one does less than it is there for,
  that is on record beside what is done instead, and a record that is not true is disproven.

  Rule: The full backup leaves out who may do what

    @DOC-DB
    Scenario: The full backup is restored on a new server
      Given a copy of the camera-counting database
      When the documented full backup is tried
      Then it turns out that the roles are missing
      And it turns out that the grants are missing
      And it turns out that the rules for rows are missing
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: The incremental backup is no increment

    @DOC-DB
    Scenario: The incremental backup is restored onto the full one
      Given a copy of the camera-counting database
      When the documented incremental backup is tried
      Then it turns out that it copies every row although nothing has changed
      And it turns out that what was deleted is back
      And it turns out that what was added is not carried over
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: The dry run does not exist

    @DOC-DB
    Scenario: An intact backup is verified by a dry run
      Given a copy of the camera-counting database
      When the documented dry run is tried
      Then it turns out that there is no such option
      And it turns out that the program cannot read such a backup
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: A restore takes half a backup for a whole one

    @DOC-DB
    Scenario: A backup that was cut off half way is restored
      Given a copy of the camera-counting database
      When the documented restore anew is tried
      Then it turns out that half a backup is restored as if it were whole
      And it turns out that a part of the rows is there, the rest is not
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: A restore into a database that is still there puts nothing right

    @DOC-DB
    Scenario: A database that has gone wrong is restored
      Given a copy of the camera-counting database
      When the documented restore over is tried
      Then it turns out that its errors end with success
      And it turns out that what went wrong stays wrong
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: Counting rows verifies nothing that is in them

    @DOC-DB
    Scenario: Every row of a restored database is altered
      Given a copy of the camera-counting database
      When the documented count is tried
      Then it turns out that altered rows pass
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: A checksum and a size that are compared with nothing verify nothing

    @DOC-DB
    Scenario Outline: The <check> of a damaged backup is taken
      Given a copy of the camera-counting database
      When the documented <check> is tried
      Then it turns out that a damaged file passes
      And all that is wrong with it is on record, as DOC-DB demands

      Examples:
        | check    |
        | checksum |
        | size     |

  Rule: Clearing up after seven days breaks the promise of thirty

    @DOC-DB
    Scenario: Forty days of backups are checked for their age
      Given a copy of the camera-counting database
      When the documented age is tried
      Then it turns out that backups are gone before their time
      And it turns out that the last backup is gone too
      And all that is wrong with it is on record, as DOC-DB demands

  Rule: A record that is not true is refused

    @DOC-DB
    Scenario: A record says too little
      Given a copy of the camera-counting database
      And nothing is on record against the documented dry run
      When the documented dry run is tried
      Then the record is refused: "not on record: there is no such option"

    @DOC-DB
    Scenario: A record says too much
      Given a copy of the camera-counting database
      And it is on record about the documented checksum that an intact file fails
      When the documented checksum is tried
      Then the record is refused: "on record, but not so: an intact file fails"
