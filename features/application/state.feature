Feature: The application carries on from its restored state

  The application knows how far it has counted and what it has counted. From a state that does not fit itself it
  would count events twice, or never.

  Rule: The state is the one that was backed up

    @INT-STATE
    Scenario: The host and its disk are lost
      Given the camera-counting host with its application state
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-STATE demands

  Rule: Whatever is counted after a recovery is counted once

    @INT-STATE
    Scenario: The host is lost after more has been counted
      Given the camera-counting host with its application state
      And it has been backed up
      And the application has counted on since
      When it is lost and recovered from the backup
      And the application carries on
      Then every event has been counted once, as INT-STATE demands

  Rule: A damaged backup is refused

    @INT-STATE
    Scenario: A bit was altered
      Given the camera-counting host with its application state
      And it has been backed up
      And the backup has since been altered by one bit
      When it is lost and a recovery is attempted
      Then the restore is refused as "checksum-mismatch"
      And the target is blank

  Rule: A state that does not fit itself is not overlooked

    @INT-STATE
    Scenario: The totals are older than the place up to which they count
      Given the camera-counting host with its application state
      And the totals have been put back without their place
      When the application carries on
      Then some events have been counted twice or never
