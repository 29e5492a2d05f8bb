@postgres
Feature: Nobody can remove a copy at the other site before its time

  Whoever has taken over this site has the accounts that it uses. Everything that these accounts can do is tried
  against a copy, and judged by what is left of it, not by what the storage answers.

  Rule: No copy is removed, altered or let go early, whoever tries

    @IMMUTABLE
    Scenario Outline: The <role> account tries everything
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When the <role> account tries everything against the copy
      Then nothing of it has worked, as IMMUTABLE demands
      And what cannot be judged here is said: <unjudged>

      Examples:
        | role          | unjudged                                     |
        | backup        | its bucket was told to let everything expire |
        | recovery      | nothing                                      |
        | administrator | its bucket was told to let everything expire |

    @IMMUTABLE
    Scenario: The copied log is attacked, too
      Given the camera-counting server with its log archived
      And it has been backed up
      And its backups and its log have been copied to the other site
      When the administrator account tries everything against the copy
      Then nothing of it has worked, as IMMUTABLE demands

    @SCH-COMPLIANCE
    Scenario: Every copy is set aside for its whole term
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When the copies are verified at the other site
      Then they are what was backed up
      And every part of the copy is locked until its term is over
      And they go there as often as SCH-COMPLIANCE demands

  Rule: What was hidden comes back from the locked versions

    @IMMUTABLE
    Scenario: An administrator overwrites everything there, and removes it by its name
      Given the camera-counting server with its log archived
      And its log has filled several segments
      And it has been backed up
      And its backups and its log have been copied to the other site
      And every object there has since been overwritten, and removed by its name
      When its server is lost with all that is kept here, and recovered from the other site as it was before that
      Then it holds exactly what was backed up

  Rule: What was hidden and is not looked for is refused

    @IMMUTABLE
    Scenario: The newest versions are taken after such an attack
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      And every object there has since been overwritten, and removed by its name
      When it is lost with all that is kept here, and recovered from the other site
      Then the restore is refused as "no-such-backup"
      And the target is blank

  Rule: A site or a policy that lets it happen is not overlooked

    @IMMUTABLE
    Scenario: The site says that it locks, and does not mean it
      Given a copy of the camera-counting database
      And it has been backed up
      And another site that lets locked copies be weakened
      And its backups have been copied there
      When the backup account tries everything against the copy
      Then it is found that "its term was shortened"
      And it is found that "its bucket was told to keep versions no longer"

    @IMMUTABLE
    Scenario: Copies are not locked
      Given a policy that does not have copies locked
      And a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When the backup account tries everything against the copy
      Then it is found that "it was removed for good"

    @IMMUTABLE
    Scenario: Copies are locked, but not against administrators
      Given a policy that has copies locked, but not against administrators
      And a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When the administrator account tries everything against the copy
      Then it is found that "it was removed for good by force"
