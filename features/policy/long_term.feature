@postgres
Feature: A backup of every month is kept for years

  Archive, disaster recovery, compliance and audit each want a copy of their own term. What is kept for them is the last
  backup of each month; the years pass in a simulated calendar, and what is oldest then is restored.

  Rule: Every month goes to long-term storage

    @SCH-ARCHIVE
    Scenario: Sixteen months pass
      Given a copy of the camera-counting database
      And it has been backed up
      When sixteen months of daily backups are taken and pruned every month
      Then no promised backup was ever missing
      And the end of every month is kept, as SCH-ARCHIVE demands

    @SCH-ARCHIVE
    Scenario: The oldest month is restored
      Given a copy of the camera-counting database
      And it has been backed up twice, and written to in between
      When sixteen months of daily backups like these are taken and pruned every month
      And it is lost and recovered from the oldest promised backup
      Then it holds exactly what was backed up

  Rule: A policy that keeps nothing for years is not overlooked

    @SCH-ARCHIVE
    Scenario: Only a year of months is kept
      Given a policy that keeps nothing for years
      And a copy of the camera-counting database
      And it has been backed up
      When sixteen months of daily backups are taken and pruned every month
      Then months are missing, more than SCH-ARCHIVE allows
