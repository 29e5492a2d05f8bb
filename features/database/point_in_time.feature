@postgres
Feature: A server comes back as it was at a chosen moment

  A wrong command at noon must not cost the morning. What was committed before the moment is there and what
  was committed after it is not: both sides are counted, write by write.

  Rule: The moment is hit from both sides

    @PITR-DB
    Scenario Outline: The moment is given as a <kind>
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost and recovered to the moment, given as a <kind>
      Then it holds the writes before the moment and no others, as PITR-DB demands

      Examples:
        | kind                 |
        | time                 |
        | time in another zone |
        | restore point        |
        | log position         |

  Rule: A transaction is there whole or not at all

    @PITR-DB
    Scenario: A transaction spans the moment
      Given the camera-counting server with its log archived
      And it has been backed up
      And a transaction has begun before the moment and was committed after it
      When it is lost and recovered to the moment, given as a time
      Then nothing of that transaction is there
      And it holds the writes before the moment and no others, as PITR-DB demands

  Rule: A recovered server can be recovered again

    @PITR-DB
    Scenario: It is lost again after its return to service
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      And it was lost, recovered to the moment, backed up anew and written to
      When it is lost and recovered to the end of its log
      Then it holds the writes before the moment and those after its return, as PITR-DB demands

  Rule: A moment that cannot be reached is refused

    @PITR-DB
    Scenario Outline: The moment <place>
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost and recovered to a moment that <place>
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | place                                | reason                |
        | lies before the backup               | target-before-backup  |
        | lies after the end of the archive    | target-after-archive  |
        | was never marked                     | no-such-restore-point |

    @PITR-DB
    Scenario Outline: The moment lies between the start and the end of the backup, given as a <kind>
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost and recovered to a moment within the backup, given as a <kind>
      Then the restore is refused as "target-before-backup"
      And the target is blank

      Examples:
        | kind         |
        | time         |
        | log position |

    @PITR-DB
    Scenario: The moment is given without its time zone
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost and recovered to the moment, given as a time without a zone
      Then the restore is turned down as "wrong-time"
      And the target is blank
