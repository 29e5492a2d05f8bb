@postgres
Feature: The archive of the write-ahead log is whole, or a recovery from it is refused

  A server that misses a segment ends its recovery there, starts and looks healthy: the last hours are gone and
  nobody was told. So the archive is checked before the target is touched, and nothing in it is ever overwritten.

  Rule: Everything in the archive is replayed

    @WAL-DB
    Scenario: The server is recovered to the end of its log
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost and recovered to the end of its log
      Then it holds every write that was archived, as WAL-DB demands

  Rule: A recovery that would silently end too early is refused

    @WAL-DB
    Scenario Outline: <victim> is <damage>
      Given the camera-counting server with its log archived
      And it has been backed up
      And its log has filled several segments
      And <victim> of the archive has since been <damage>
      When it is lost and recovered to the end of its log
      Then the restore is refused as "<reason>"
      And the target is blank

      Examples:
        | victim               | damage             | reason            |
        | a segment            | altered by one bit | checksum-mismatch |
        | a segment            | cut off half way   | checksum-mismatch |
        | a segment            | lost               | wal-missing       |
        | the newest segment   | lost               | wal-missing       |

  Rule: Nothing in the archive is ever overwritten

    @WAL-DB
    Scenario: Another server archives a segment of the same name
      Given the camera-counting server with its log archived
      And its log has filled several segments
      When another content is archived under the name of a segment
      Then the archiving is refused as "segment-differs"
      And the archive is as it was, as WAL-DB demands

    @WAL-DB
    Scenario: The same segment is archived twice
      Given the camera-counting server with its log archived
      And its log has filled several segments
      When a segment is archived once more
      Then the archiving is done
      And the archive is as it was, as WAL-DB demands

  Rule: A recovered server leaves the archive alone

    @WAL-DB
    Scenario: The recovered server is written to
      Given the camera-counting server with its log archived
      And it has been backed up
      And a moment has passed while it was written to
      When it is lost, recovered to the end of its log and written to
      Then nothing was added to the archive
