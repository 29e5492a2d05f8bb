@redis
Feature: A replica that is promoted takes a lost cache's place

  It needs no backup and loses next to nothing, and it helps against nothing but the loss of a server: what is
  deleted by mistake is deleted on the replica too.

  Rule: A replica holds what its primary held

    @INT-CACHE
    Scenario: The primary and its disk are lost
      Given the camera-counting cache
      And a replica that follows it
      When it is lost and the replica is promoted
      Then every key and function is as before the loss, as INT-CACHE demands
      And users and settings are the replica's own

    @RTO-CACHE
    Scenario: The first answer of the promoted replica
      Given the camera-counting cache
      And a replica that follows it
      When it is lost and the replica is promoted
      Then it gives its first answer as before the loss
      And the time of the promotion meets RTO-CACHE

  Rule: A replica is refused as a backup of what was deleted by mistake

    @INT-CACHE
    Scenario: Everything is deleted by mistake
      Given the camera-counting cache
      And a replica that follows it
      And everything has been deleted by mistake
      When it is lost and the replica is promoted
      Then the promoted replica holds nothing

  Rule: A replica that takes no writes of its own is refused as the target of a restore

    @INT-CACHE
    Scenario: A backup is restored onto a replica
      Given the camera-counting cache
      And a replica that follows it
      And it has been backed up
      When a restore onto the replica is attempted
      Then the restore is refused as "target-is-replica"
