"""Steps about whole machines."""

import pytest
from pytest_bdd import given

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.damage import bootless, siteless
from drill.machines import ContainerStore, Machine, MachineContainer, MachineStore
from drill.machines.kept import BackedUpMachine
from drill.plugins.estate import SERVERS
from drill.policy import Policy
from drill.stores import Store


@given("the camera-counting machine", target_fixture="store")
def the_machine(backed_up_machine: BackedUpMachine, request: pytest.FixtureRequest) -> Store:
    request.node.stash.setdefault(SERVERS, []).append(backed_up_machine.store.server)
    return backed_up_machine.store


@given("the camera-counting machine, just started", target_fixture="store")
def machine_just_started(fresh_machine: Machine) -> MachineStore:
    return MachineStore(fresh_machine)


@given("a container to take the place of the camera-counting machine", target_fixture="store")
def container_in_its_place(
    machine_container: MachineContainer, backed_up_machine: BackedUpMachine, request: pytest.FixtureRequest
) -> Store:
    request.node.stash.setdefault(SERVERS, []).append(machine_container)
    return ContainerStore(backed_up_machine.store, machine_container)


@given("the whole of it has been backed up while it ran", target_fixture="backup")
def whole_backed_up(backed_up_machine: BackedUpMachine, store: Store, runbook: Runbook) -> Backup:
    return backed_up_machine.backup_in(runbook.set_of(store))


@given("every rebuild forgets the boot loader", target_fixture="policy")
def rebuilds_forget_the_boot_loader(policy: Policy) -> Policy:
    return bootless(policy, "system")


@given("every restore forgets which site it is", target_fixture="policy")
def restores_forget_the_site(policy: Policy) -> Policy:
    return siteless(policy, "system")
