@redis
Feature: What the written Redis procedures really do is known

  The document's own Redis commands are carried out as they are written. Where one does less than it is there for,
  that is on record beside what is done instead, and a record that is not true is disproven.

  Rule: The background save answers before it has saved, and nobody asks again

    @DOC-CACHE
    Scenario: Saving works the first time and fails the second
      When the documented bgsave is carried out on caches
      Then it turns out that it ends with success where the server refuses it
      And it turns out that it ends with success before anything is saved
      And it turns out that where saving fails, the file of the last time lies there as if it were new
      And it turns out that the users are missing
      And it turns out that the settings of the moment are missing
      And all that is wrong with it is on record, as DOC-CACHE demands

  Rule: Rewriting the append-only file is no backup of it

    @DOC-CACHE
    Scenario: The file is rewritten
      When the documented bgrewriteaof is carried out on caches
      Then it turns out that on a server that keeps no such file it ends with success and keeps nothing
      And it turns out that it copies nothing to another place, so that the disk takes the backup with it
      And all that is wrong with it is on record, as DOC-CACHE demands

  Rule: The verification takes a second backup and looks at neither

    @DOC-CACHE
    Scenario: A damaged backup is verified
      When the documented rdb copy is carried out on caches
      Then it turns out that a damaged file passes
      And it turns out that it overwrites the backup that it was to verify
      And all that is wrong with it is on record, as DOC-CACHE demands

  Rule: A snapshot that is put back may be ignored or overwritten

    @DOC-CACHE
    Scenario: A backup is put back
      When the documented put back is carried out on caches
      Then it turns out that a server that keeps an append-only file starts healthy and empty
      And it turns out that put there before the server stops, it is overwritten by the stop
      And all that is wrong with it is on record, as DOC-CACHE demands

  Rule: The names of keys prove nothing

    @DOC-CACHE
    Scenario: A cache that has gone wrong is looked through
      When the documented keys is carried out on caches
      Then it turns out that altered values pass
      And it turns out that database indexes that were lost pass
      And it turns out that an empty server passes
      And all that is wrong with it is on record, as DOC-CACHE demands

  Rule: A record that is not true is refused

    @DOC-CACHE
    Scenario: A record of a Redis command says too little
      Given nothing is on record against the documented rdb copy
      When the documented rdb copy is carried out on caches
      Then the record is refused: "not on record: a damaged file passes"
