"""Damage to a link of a chain is what it claims to be; the worst of it no tool but the chain's own check can see."""

from __future__ import annotations

import os
import subprocess

import pytest

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST
from drill.backups.chain import take_chain
from drill.commands.runbook import REFUSED
from drill.damage import damage_link
from drill.errors import DrillError
from tests.repositories import stated, written

pytestmark = pytest.mark.postgres


def verified(store, backup) -> subprocess.CompletedProcess[str]:
    """What PostgreSQL's own tool says of one backup."""
    command = ["pg_verifybackup", "--no-parse-wal", f"--ignore={MANIFEST}", str(backup.directory)]
    environment = {**os.environ, **store.environment(), "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def refused(store, runbook, backup):
    store.lose()
    store.provision()
    outcome = runbook.restore(store, backup.id)
    return outcome.status, outcome.reason, store.leftovers()


def never():
    pytest.fail("a sibling was taken")


@pytest.fixture
def store(open_cluster):
    return open_cluster("postgres-physical", kept=False)[0]


@pytest.fixture
def chain(store, runbook):
    return [backup.stored for backup in take_chain(store, runbook=runbook).values()]


def test_an_altered_link_passes_alone_only_when_it_is_described_anew_and_is_refused_in_its_chain(store, runbook, chain):
    _, first, victim, last = chain
    before = catalogue.contents(victim.directory)
    clean, manifest = verified(store, victim), victim.directory / "backup_manifest"
    original = manifest.read_bytes()
    damage_link(victim, "altered and described anew", sibling=never)
    after = catalogue.contents(victim.directory)
    described, anew = catalogue.read(victim.directory).manifest, manifest.read_bytes()
    alone, neighbour = verified(store, victim), verified(store, first)
    manifest.write_bytes(original)
    undescribed = verified(store, victim)
    manifest.write_bytes(anew)

    assert "checksum mismatch" in undescribed.stderr
    assert [0, 0, 0] == [clean.returncode, alone.returncode, neighbour.returncode], alone.stderr
    changed = {name for name, _ in before.items() ^ after.items()}
    assert {"backup_manifest", MANIFEST} < changed
    assert 3 == len(changed)
    assert victim.id == described.id
    assert {file.path: file.size for file in described.files} == {
        file.path: len(after[file.path]) for file in described.files
    }
    assert (REFUSED, "chain-broken", []) == refused(store, runbook, last)


def test_a_link_of_a_sibling_chain_stands_where_the_victim_stood(store, runbook, chain):
    _, first, victim, last = chain
    store.write(range(1000, 1040))
    sibling = take_increment(store, runbook, first)
    content = catalogue.contents(sibling.directory)
    damage_link(victim, "replaced by one of a sibling chain", sibling=lambda: sibling)
    after = catalogue.contents(victim.directory)

    assert {MANIFEST} == {name for name, _ in content.items() ^ after.items()}
    assert (victim.id, first.id) == (stated(victim.directory)["id"], stated(victim.directory)["parent"])
    assert not sibling.directory.exists()
    assert 0 == verified(store, victim).returncode
    assert (REFUSED, "chain-broken", []) == refused(store, runbook, last)


def take_increment(store, runbook, parent):
    outcome = runbook.back_up_changes(store, parent=parent.id)
    return catalogue.read(runbook.set_of(store) / str(outcome.result["id"]))


def test_a_link_can_be_lost_or_damaged_as_any_backup(tmp_path):
    lost, altered = written(tmp_path / "one"), written(tmp_path / "other")
    damage_link(lost, "lost", sibling=never)
    damage_link(altered, "robbed of a file", sibling=never)

    assert not lost.directory.exists()
    assert "data/large" not in catalogue.contents(altered.directory)


def test_an_unknown_damage_is_an_error_that_names_the_known_ones(tmp_path):
    with pytest.raises(DrillError, match="no damage to a link 'bent'; use one of cut off half way"):
        damage_link(written(tmp_path / "set"), "bent", sibling=never)
