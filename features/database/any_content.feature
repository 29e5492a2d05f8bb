@postgres
Feature: Whatever a database holds comes back

  The drill's own database holds what its authors thought of. Databases hold anything: not a number, years before
  Christ, empty beside nothing, quotes in names, a megabyte in one value, tables without columns.

  Rule: Every kind of content comes back

    @CONTENT-DB
    Scenario: One of everything is lost
      Given a database that holds one of everything
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as CONTENT-DB demands

  Rule: Content that nobody thought of comes back

    @CONTENT-DB
    Scenario: Content that was made up is lost
      Given a database with content that is made up at random
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as CONTENT-DB demands

  Rule: A physical backup brings back the same, but what the database itself does not keep

    @CONTENT-DB
    Scenario: A server that holds all of it is lost
      Given the camera-counting server with its log archived
      And it also holds one of everything, and content that is made up at random
      And it has been backed up
      When it is lost and recovered from the backup
      And what no log knows is set apart
      Then all else is exactly what was backed up, as CONTENT-DB demands
      And its unlogged tables are there, empty and numbered anew

  Rule: Content that is only nearly the same is refused

    @CONTENT-DB
    Scenario Outline: Of everything <change>
      Given a database that holds one of everything
      And it has been backed up
      When afterwards <change>
      Then it is refused for one difference

      Examples:
        | change                           |
        | an empty text turns into nothing |
        | a byte of a large object changes |
