@postgres
Feature: A restored database can be worked with

  Rows that are all there are not enough: the next number may be taken, a view may be empty, a user may be locked
  out or let in. The restored database is used as it was used before the disaster.

  Rule: Work goes on where it was

    @USABLE-DB
    Scenario: The restored database is worked with
      Given the camera-counting database
      And its use has been noted
      And it has been backed up
      When it is lost and recovered from the backup
      And it is worked with
      Then every first insert works and every trigger fires
      And whatever hangs on the data can be relied on

    @USABLE-DB
    Scenario: The server is recovered from its physical backup
      Given the camera-counting server with its log archived
      And its use has been noted
      And it has been backed up
      When it is lost and recovered from the backup
      And it is worked with
      Then nothing stands in the way of working with it, as USABLE-DB demands

  Rule: Everybody may do what they could, and no more

    @USABLE-DB
    Scenario: Users and strangers try what they always did
      Given the camera-counting database
      And its use has been noted
      And it has been backed up
      When it is lost and recovered from the backup
      And it is worked with
      Then everybody may do and see exactly what they could before
      And nothing stands in the way of working with it, as USABLE-DB demands

  Rule: The usual queries take little more time than before

    @PERFORMANCE
    Scenario Outline: The usual queries are asked before and after, of <what>
      Given <what>
      And its usual queries have been timed beside a bystander's, the first ones after a restart
      And it has been backed up
      When it is lost and recovered from the backup
      And its usual queries are timed again
      Then the time for its usual queries, beside that before, meets PERFORMANCE
      And the server worked on the first ones no more than 3 times as long as after that restart

      Examples:
        | what                                             |
        | the camera-counting database                     |
        | the camera-counting server with its log archived |

  Rule: A copy that cannot be worked with is refused

    @USABLE-DB
    Scenario Outline: In a copy <sabotage>
      Given a copy of the camera-counting database
      And its use has been noted
      When afterwards <sabotage>
      And it is worked with
      Then it is refused for "<finding>" and nothing else

      Examples:
        | sabotage                           | finding                                       |
        | its numbering starts anew          | number-taken, outcome-changed                 |
        | a row takes the next number        | insert-fails, number-taken, outcome-changed   |
        | an index is left invalid           | index-invalid                                 |
        | a constraint is left unvalidated   | constraint-not-validated                      |
        | a materialized view is left empty  | outcome-changed, view-not-populated           |
        | the triggers are left switched off | outcome-changed, trigger-disabled             |
        | a trigger fires for replicas only  | outcome-changed, trigger-disabled             |
        | a trigger swallows new rows        | insert-fails, outcome-changed, trigger-silent |
        | a grant is lost                    | right-lost                                    |
        | a grant is too wide                | right-gained                                  |
        | everybody sees every row           | outcome-changed                               |
        | the planner knows nothing          | statistics-missing                            |
