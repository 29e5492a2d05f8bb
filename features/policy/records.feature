@redis
Feature: What was done is on record

  Whoever asks afterwards finds each backup, each recovery and each disaster in its log, with what came of it: also those
  that went wrong, which are the ones that nobody likes to write down.

  Rule: Every act is on record with its result

    @LOG-BACKUP
    Scenario: A backup is taken, and another is killed
      Given the camera-counting cache
      And it has been backed up
      And a later backup has been killed half way
      When the record is read
      Then it tells of every backup, as LOG-BACKUP demands

    @LOG-RECOVERY @LOG-INCIDENT
    Scenario: The cache is lost and recovered
      Given the camera-counting cache
      And it has been backed up
      And it has been lost and recovered from the backup
      When the record is read
      Then it tells of the recovery, as LOG-RECOVERY demands
      And it tells of the disaster, as LOG-INCIDENT demands

  Rule: An act that is not on record is not overlooked

    @LOG-BACKUP @LOG-RECOVERY @LOG-INCIDENT
    Scenario Outline: The <kind> log is lost
      Given the camera-counting cache
      And it has been backed up
      And it has been lost and recovered from the backup
      When the record is read without its <kind> log
      Then the <kind> is found to be missing

      Examples:
        | kind     |
        | backup   |
        | recovery |
        | incident |
