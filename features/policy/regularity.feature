Feature: Backups are taken as often as the document says, and one that was missed is not overlooked

  Days and weeks of the schedule are carried out, each backup by its real command and with the clock of its time. What is
  stored in the end is held against what was due.

  Rule: What the document schedules is there when its time is over

    Scenario Outline: <stretch> of the document's schedule pass over <store>
      Given <store>
      When <stretch> of the document's schedule are carried out
      Then every backup that was due is there
      And the longest time between two of them meets <criterion>

      @postgres @SCH-DB
      Examples:
        | store                                  | stretch    | criterion |
        | a copy of the camera-counting database | three days | SCH-DB    |

      @redis @SCH-DB
      Examples:
        | store                     | stretch    | criterion |
        | the camera-counting cache | three days | SCH-DB    |

      @SCH-STATE
      Examples:
        | store                                            | stretch     | criterion |
        | the camera-counting host with its application state | three weeks | SCH-STATE |

      @SCH-USER
      Examples:
        | store                                       | stretch     | criterion |
        | the camera-counting host with its user data | three weeks | SCH-USER  |

      @machine @slow @nightly @SCH-SYSTEM
      Examples:
        | store                       | stretch   | criterion  |
        | the camera-counting machine | two weeks | SCH-SYSTEM |

    @SCH-CONFIG
    Scenario: Two days of the whole schedule pass over the configuration
      Given the camera-counting host with its configuration
      When two days of its whole schedule are carried out
      Then every backup that was due is there
      And the longest time between two of them meets SCH-CONFIG

  Rule: The document's hour is kept

    @SCH-DB
    Scenario Outline: The nightly backup of <procedure> is scheduled
      When the document's entries for <procedure> are read
      Then they are due every day at 02:00

      Examples:
        | procedure |
        | postgres  |
        | redis     |

  Rule: A backup that was missed is not overlooked

    Scenario Outline: <what happened>
      Given <store>
      When <stretch> of the document's schedule are carried out, but <mishap>
      Then the second backup is found missing
      And the longest time between two of them does not meet <criterion>

      @postgres @SCH-DB
      Examples:
        | what happened                                | store                                  | stretch    | mishap                           | criterion |
        | One night the machine is off                 | a copy of the camera-counting database | three days | nobody takes the second          | SCH-DB    |
        | The backup of one night is cut off half way  | a copy of the camera-counting database | three days | the second is cut off half way   | SCH-DB    |
        | The backup of one night is altered by a bit  | a copy of the camera-counting database | three days | the second is altered by one bit | SCH-DB    |

      @SCH-STATE
      Examples:
        | what happened                | store                                               | stretch     | mishap                  | criterion |
        | One week the machine is off  | the camera-counting host with its application state | three weeks | nobody takes the second | SCH-STATE |

      @SCH-USER
      Examples:
        | what happened                        | store                                       | stretch     | mishap                  | criterion |
        | One week nobody backs user data up   | the camera-counting host with its user data | three weeks | nobody takes the second | SCH-USER  |
