@machine @slow @nightly
Feature: What the written procedure for a whole machine really does is known

  The document has four commands from recovery media to a machine that runs again. They are typed as they are written, on
  a machine whose disk is lost: what each does instead is on record, and so is that the same programs could do it.

  Rule: Nothing says which disk is meant, and the running system is not the one that was lost

    @DOC-MACHINE
    Scenario: The storage with the backup is mounted
      When the documented mount storage is carried out on a machine
      Then it turns out that the place that it is to be mounted on is not there
      And it turns out that there is no disk of that name
      And it turns out that the backup can be altered where it is mounted
      And all that is wrong with it is on record, as DOC-MACHINE demands

    @DOC-MACHINE
    Scenario: The system is restored
      When the documented system sync on a machine is carried out on a machine
      Then it turns out that the machine's disk stays blank
      And it turns out that the recovery medium is overwritten
      And it turns out that the recovery medium starts no more, as it looks for file systems of the lost disk
      And all that is wrong with it is on record, as DOC-MACHINE demands

  Rule: A boot loader alone starts nothing

    @DOC-MACHINE
    Scenario: The boot loader is installed, on a blank disk and on one with a file system
      When the documented bootloader install is carried out on a machine
      Then it turns out that on a blank disk it fails
      And it turns out that it ends with success, and what starts the machine lies on the recovery medium
      And all that is wrong with it is on record, as DOC-MACHINE demands

    @DOC-MACHINE
    Scenario: The machine is started again
      When the documented machine reboot is carried out on a machine
      Then it turns out that nothing starts from the machine's disk
      And all that is wrong with it is on record, as DOC-MACHINE demands

  Rule: The same programs bring the machine back, told what they have to be told

    @DOC-MACHINE
    Scenario: The disk is laid out, filled, given its boot loader and started
      Given a storage that has all files of a machine whose disk is lost
      And the document said which disk is meant, and how it is laid out
      When the machine is recovered as the document has it
      Then nothing is wrong with any of its commands, as DOC-MACHINE demands
      And the machine starts by itself, and its application answers
      And it holds exactly what was on the storage

  Rule: A record that is not true is refused

    @DOC-MACHINE
    Scenario: A record of a command for a machine says too little
      Given nothing is on record against the documented bootloader install
      When the documented bootloader install is carried out on a machine
      Then the record is refused: "not on record: on a blank disk it fails"

    @DOC-MACHINE
    Scenario: A record of a command for a machine says too much
      Given it is on record about the documented mount storage that it needs a network
      When the documented mount storage is carried out on a machine
      Then the record is refused: "on record, but not so: it needs a network"
