"""Steps about whole machines."""

import pytest
from pytest_bdd import given

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.damage import bootless
from drill.machines.kept import BackedUpMachine
from drill.plugins.estate import SERVERS
from drill.policy import Policy
from drill.stores import Store


@given("the camera-counting machine", target_fixture="store")
def the_machine(backed_up_machine: BackedUpMachine, request: pytest.FixtureRequest) -> Store:
    request.node.stash.setdefault(SERVERS, []).append(backed_up_machine.store.server)
    return backed_up_machine.store


@given("the whole of it has been backed up while it ran", target_fixture="backup")
def whole_backed_up(backed_up_machine: BackedUpMachine, store: Store, runbook: Runbook) -> Backup:
    return backed_up_machine.backup_in(runbook.set_of(store))


@given("every rebuild forgets the boot loader", target_fixture="policy")
def rebuilds_forget_the_boot_loader(policy: Policy) -> Policy:
    return bootless(policy, "system")
