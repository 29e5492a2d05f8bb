"""The estate of a disaster: what has a store is backed up, and an attack leaves nothing of worth in any kind of it."""

from datetime import UTC, datetime

import pytest

from drill.backups import backup as backups
from drill.commands.runbook import Runbook
from drill.damage import mistakes
from drill.disasters import estate
from drill.disasters.attack import Attack
from drill.disasters.estate import CACHE, MACHINE
from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.fingerprints import differences
from drill.stores import HostStore, SourceStore
from tests.procedures import SHIPPED

FILES = [step.procedure for step in SHIPPED.recovery if SHIPPED.procedures[step.procedure].engine == "files"]


@pytest.fixture
def source(source_repository):
    return SourceStore(source_repository)


@pytest.fixture
def runbook(repository):
    return Runbook(SHIPPED, repository=repository, directory=SHIPPED.directory, journal=Journal())


def test_what_has_no_store_is_left_out_in_the_order_of_the_policy(app_host, source, runbook):
    logs = HostStore(app_host, SHIPPED.procedures["logs"])

    found = estate.back_up(SHIPPED, {"logs": logs, "source-code": source}, runbook=runbook)

    assert ["source-code", "logs"] == list(found)
    assert ("configuration",) == found["logs"].after


def test_a_policy_without_an_order_of_recovery_has_no_estate(runbook):
    with pytest.raises(DrillError, match="no order of recovery"):
        estate.back_up(SHIPPED.model_copy(update={"recovery": ()}), {}, runbook=runbook)


def test_the_systems_that_disasters_are_named_after_are_steps_of_the_policy():
    assert {estate.DATABASE, CACHE, MACHINE} <= {step.procedure for step in SHIPPED.recovery}


def test_an_attack_leaves_a_repository_that_is_sound_and_worth_nothing(source, runbook):
    before, answer = source.fingerprint(), source.health()

    mistakes.make_worthless(source)

    assert [] != differences(before, source.fingerprint())
    assert answer != source.health()
    assert 0 == backups.take(source, runbook=runbook).outcome.status, "the schedule backs it up like any other"


def files_of(store):
    """What lies in the scopes of a host, each of them a directory or a single file."""
    places = [store.host.root / scope for scope in store.scopes]
    files = [
        path for place in places for path in (place, *place.rglob("*")) if path.is_file() and not path.is_symlink()
    ]
    return {path: path.read_bytes() for path in files if path.stat().st_size}


@pytest.mark.parametrize("procedure", FILES)
def test_an_attack_leaves_no_file_of_any_scope_as_it_was(app_host, procedure):
    store = HostStore(app_host, SHIPPED.procedures[procedure])
    before, answer = files_of(store), store.health()

    mistakes.make_worthless(store)

    assert answer != store.health()
    assert set() == before.items() & files_of(store).items()


def test_what_an_attack_has_left_as_it_was_is_told(app_host, source, runbook):
    stores = {"logs": HostStore(app_host, SHIPPED.procedures["logs"]), "source-code": source}
    found = estate.back_up(SHIPPED, stores, runbook=runbook)
    mistakes.make_worthless(source)

    attack = Attack(found, datetime.now(UTC), estate.back_up_again(found, runbook=runbook), {})

    assert ["logs"] == attack.unharmed
