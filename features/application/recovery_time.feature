Feature: A lost application comes back in time, at production's size, too

  A drill's host is small and production's is not. So what is on it is measured at several sizes, and the largest of them
  foretold from the smaller ones, before anything is said of production's.

  Rule: The upper bound at production's size keeps the promise

    @RTO-IMPORTANT @slow @nightly
    Scenario Outline: The host's <part> is backed up, lost and recovered at ever larger sizes
      Given the camera-counting host with its <part>
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-IMPORTANT

      Examples:
        | part                   |
        | configuration          |
        | system configuration   |
        | network configuration  |
        | security configuration |
        | application state      |
        | user data              |
        | source tree            |

    @RTO-IMPORTANT @slow @nightly
    Scenario: The source code is backed up, lost and recovered at ever larger sizes
      Given the source code of the application
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-IMPORTANT

  Rule: A recovery that never answered has no recovery time

    @RTO-IMPORTANT
    Scenario: The backup that is asked for does not exist
      Given the camera-counting host with its configuration
      And it has been backed up
      When it is lost and recovered from a backup that was never taken
      Then the restore is refused as "no-such-backup"
      And there is no recovery time
