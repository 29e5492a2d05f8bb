Feature: What an administrator has set up on the host comes back from its backups

  A new machine that has the application and not the firewall, the users or the routes of the old one is not the
  old one. Each kind of configuration has a backup of its own.

  Rule: A restore brings back every file, and everything about it

    @INT-SYSTEM
    Scenario: The operating system's configuration and its packages are lost
      Given the camera-counting host with its system configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-SYSTEM demands

    @INT-NETWORK
    Scenario: The network's configuration is lost
      Given the camera-counting host with its network configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-NETWORK demands

    @INT-SECURITY
    Scenario: Users, rights, firewall and certificates are lost
      Given the camera-counting host with its security configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then it gives its first answer as before
      And it holds exactly what was backed up, as INT-SECURITY demands

    @INT-MONITORING @RTO-NON-CRITICAL
    Scenario: What is monitored is lost
      Given the camera-counting host with its monitoring configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then it holds exactly what was backed up, as INT-MONITORING demands
      And the recovery time meets RTO-NON-CRITICAL

    @RTO-NON-CRITICAL @slow @nightly
    Scenario: What is monitored is backed up, lost and recovered at ever larger sizes
      Given the camera-counting host with its monitoring configuration
      When it is backed up, lost and recovered at ever larger sizes
      Then each recovery brought all of it back
      And at production's size its recovery meets RTO-NON-CRITICAL

  Rule: What silently fell out of a backup's scope is not overlooked

    @INT-SECURITY
    Scenario: The command names less than the policy has it keep
      Given the backup of the security configuration leaves out "etc/sudoers.d"
      And the camera-counting host with its security configuration
      And it has been backed up
      When it is lost and recovered from the backup
      Then what it holds is found to differ

    @INT-SYSTEM
    Scenario: Every place of the host is somebody's
      Given the camera-counting host with its system configuration
      When its places are held against what the policy has kept
      Then nothing is kept by nobody, as INT-SYSTEM demands

    @INT-SYSTEM
    Scenario Outline: Somebody has made <place>, which nothing backs up
      Given the camera-counting host with its system configuration
      And somebody has made "<place>" on it
      When its places are held against what the policy has kept
      Then "<place>" is found to be kept by nobody

      Examples:
        | place          |
        | opt            |
        | etc/wireguard  |
