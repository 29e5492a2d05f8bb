@postgres
Feature: What drills measure foretells what backup and recovery take at production's size

  A drill is small and production is not, and a recovery slows down as it grows. So it is measured at several sizes, the
  largest of them is foretold from the smaller ones, and only what passes that check is carried on to production's size.

  Rule: The upper bound at production's size keeps the promise

    @RTO-DB @DUR-DB @slow @nightly
    Scenario: A server is backed up, lost and recovered at ever larger sizes
      Given the camera-counting server with its log archived
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-DB
      And at production's size its backup meets DUR-DB

    @RTO-DB @DUR-DB @slow @nightly
    Scenario: A database is dumped, lost and restored at ever larger sizes
      Given the camera-counting database
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-DB
      And at production's size its backup meets DUR-DB

  Rule: Measurements that do not foretell their own largest size do not prove anything

    @RTO-DB
    Scenario Outline: <measured>
      Given measurements of which <measured>
      When they are projected to production's size
      Then nothing is said but to measure next at about <next>

      Examples:
        | measured                                           | next   |
        | the largest took far longer than the others do say | 800 MB |
        | only three sizes differ                            | 800 MB |
        | no size differs                                    | 400 MB |
