Feature: There are three copies on two kinds of storage, one off-site, one that nobody can alter before its time, none with errors

  Production is one of the three. A copy counts when every byte of it was read where it lies and what comes back from
  it is what was backed up; a lock counts when it lasts as long as the copy is promised, and an administrator has tried
  everything against it.

  Rule: The procedures leave enough copies of every kind

    @COPIES
    Scenario Outline: The copies of <store> are counted
      Given <store>
      And it has been backed up
      And its backups have been copied to the other site
      When its copies are counted, verified, restored and attacked
      Then there are enough of every kind and none with errors, as COPIES demands

      @postgres
      Examples:
        | store                                  |
        | a copy of the camera-counting database |

      @redis
      Examples:
        | store                     |
        | the camera-counting cache |

  Rule: What does not hold is not overlooked

    @postgres @COPIES
    Scenario: Nothing was copied to the other site
      Given a copy of the camera-counting database
      And it has been backed up
      When its copies are counted, verified, restored and attacked
      Then all of it holds but this: three copies, two kinds of storage, one off-site, one that cannot be altered

    @postgres @COPIES
    Scenario Outline: <what happened>
      Given a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      And <what happened>
      When its copies are counted, verified, restored and attacked
      Then all of it holds but this: <findings>

      Examples:
        | what happened                                      | findings                                                                                       |
        | all that is kept here has been lost                | three copies, two kinds of storage                                                             |
        | the backup has since been altered by one bit       | three copies, two kinds of storage, none with errors                                           |
        | the copy was altered by one bit at the other site  | three copies, two kinds of storage, one off-site, one that cannot be altered, none with errors |

    @postgres @COPIES
    Scenario: The backup was worthless when it was copied
      Given a copy of the camera-counting database
      And it has been backed up
      And the backup was cut off half way before its checksums were taken
      And its backups have been copied to the other site
      When its copies are counted, verified, restored and attacked
      Then all of it holds but this: three copies, two kinds of storage, one off-site, one that cannot be altered, none with errors

    @postgres @COPIES
    Scenario: Copies are locked, but not as long as they are promised
      Given a policy that has copies locked for a day only
      And a copy of the camera-counting database
      And it has been backed up
      And its backups have been copied to the other site
      When its copies are counted, verified, restored and attacked
      Then all of it holds but this: one that cannot be altered

    @postgres @COPIES
    Scenario: The site says that it locks, and does not mean it
      Given a copy of the camera-counting database
      And it has been backed up
      And another site that lets locked copies be weakened
      And its backups have been copied there
      When its copies are counted, verified, restored and attacked
      Then all of it holds but this: one that cannot be altered
