@machine @slow @nightly
Feature: A lost machine comes back in time, at production's size, too

  A drill's machine is small and production's is not. So it is measured at several sizes, and the largest of them foretold
  from the smaller ones, before anything is said of production's.

  Rule: The upper bound at production's size keeps the promise

    @RTO-SYSTEM
    Scenario: The machine is backed up, lost and recovered at ever larger sizes
      Given the camera-counting machine, just started
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-SYSTEM

  Rule: A recovery that never answered has no recovery time

    @RTO-SYSTEM
    Scenario: The backup that is asked for does not exist
      Given the camera-counting machine
      And the whole of it has been backed up while it ran
      When it is lost and recovered from a backup that was never taken
      Then the restore is refused as "no-such-backup"
      And there is no recovery time
