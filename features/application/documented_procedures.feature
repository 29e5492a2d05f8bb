Feature: What the written procedures for files and source code really do is known

  The document's own commands for configuration, source code and whole hosts are carried out as they are written. Where
  one does less than it is there for, that is on record beside what is done instead, and a record that is not true is
  disproven.

  Rule: A backup under one name for all days is one backup, and it is open

    @DOC-HOST
    Scenario: The configuration is backed up on two days
      When the documented config backup is carried out on a host
      Then it turns out that the backup of the day before is overwritten
      And it turns out that what few may read can be read by everybody
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The environment file is copied on two days and its disk is lost
      When the documented env copy is carried out on a host
      Then it turns out that the backup of the day before is overwritten
      And it turns out that the passwords can be read in it
      And it turns out that it is lost with the disk that it was copied from
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The logs are backed up before and after their rotation
      When the documented logs backup is carried out on a host
      Then it turns out that what rotation has removed is gone from the backup too
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The source code is archived on a day on which the disk is full
      When the documented source archive is carried out on a host
      Then it turns out that where it fails, the backup of the day before is gone
      And all that is wrong with it is on record, as DOC-HOST demands

  Rule: The system's configuration is more than one directory, and not for everybody

    @DOC-HOST
    Scenario: A machine is to be rebuilt from what was backed up
      When the documented system backup is carried out on a host
      Then it turns out that what few may read can be read by everybody
      And it turns out that which packages are installed is missing
      And all that is wrong with it is on record, as DOC-HOST demands

  Rule: Files lose what nobody asked to be kept

    @DOC-HOST
    Scenario: User data is compared with its backup
      When the documented user backup is carried out on a host
      Then it turns out that access lists and other attributes are missing
      And it turns out that holes are filled
      And it turns out that fractions of a second are missing from every time
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: A whole host is restored
      When the documented system sync is carried out on a host
      Then it turns out that two names of one file become two files
      And it turns out that access lists and other attributes are missing
      And it turns out that holes are filled
      And it turns out that what was altered but has its size and time stays as it is
      And it turns out that what was added after the backup stays
      And all that is wrong with it is on record, as DOC-HOST demands

  Rule: A restore takes whatever it finds, and puts it over whatever is there

    @DOC-HOST
    Scenario: The configuration is restored over another one, and from half a backup
      When the documented config restore is carried out on a host
      Then it turns out that what was added after the backup stays
      And it turns out that half a backup is restored as far as it goes
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The configuration is restored by an ordinary user
      When the documented config restore by a user is carried out on a host
      Then it turns out that where only root may write, nothing is restored
      And it turns out that it ends with success, and everything belongs to whoever unpacked it
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The environment file is restored over another one, and from half a backup
      When the documented env restore is carried out on a host
      Then it turns out that the passwords are open to whoever could read the file before
      And it turns out that half a backup is restored as if it were whole
      And all that is wrong with it is on record, as DOC-HOST demands

  Rule: The mirror is made once, and what is cloned from it is not the repository

    @DOC-HOST
    Scenario: The repository is mirrored on two days
      When the documented git mirror is carried out on a host
      Then it turns out that the large files are missing
      And it turns out that from the second day on it copies nothing
      And it turns out that from the second day on it fails
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The repository is cloned from its mirror
      When the documented git restore is carried out on a host
      Then it turns out that where the backup lies, it finds its place taken by it
      And it turns out that all branches but one are missing
      And it turns out that the notes are missing
      And it turns out that new work is sent into the backup
      And all that is wrong with it is on record, as DOC-HOST demands

    @DOC-HOST
    Scenario: The source code is unpacked from its archive
      When the documented source unpack is carried out on a host
      Then it turns out that it fails where the place is not there yet
      And it turns out that the source lies deeper than it was asked for, below its old path
      And all that is wrong with it is on record, as DOC-HOST demands

  Rule: A definition that has been resolved is no longer the one that was written

    @DOC-COMPOSE @nightly
    Scenario: The containers' definition is backed up on two days
      When the documented compose backup is carried out on a host
      Then it turns out that the backup of the day before is overwritten
      And it turns out that the passwords can be read in it
      And it turns out that what few may read can be read by everybody
      And it turns out that the definition as it was written is missing
      And all that is wrong with it is on record, as DOC-COMPOSE demands

    @DOC-COMPOSE @nightly
    Scenario: The containers' definition is restored, and from half a backup
      When the documented compose restore is carried out on a host
      Then it turns out that a password that is changed later does not reach the application
      And it turns out that half a backup is restored as if it were whole
      And all that is wrong with it is on record, as DOC-COMPOSE demands

  Rule: A record that is not true is refused

    @DOC-HOST
    Scenario: A record of a command for files says too little
      Given nothing is on record against the documented env restore
      When the documented env restore is carried out on a host
      Then the record is refused: "not on record: half a backup is restored as if it were whole"

    @DOC-HOST
    Scenario: A record of a command for source code says too much
      Given it is on record about the documented source archive that it needs a network
      When the documented source archive is carried out on a host
      Then the record is refused: "on record, but not so: it needs a network"
