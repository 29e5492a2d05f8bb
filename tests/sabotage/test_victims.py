"""Which set a fault befalls, and which sets are to be found clean."""

from datetime import UTC, datetime

import pytest

from drill.damage import victims
from drill.damage.faults import CATALOGUE, Fault
from drill.damage.faults.ciphertext import CIPHERTEXT
from drill.damage.rehearsed import WITH_OWN_VICTIM, Rehearsed
from drill.rehearsal import Record, RecordedBackup, RecordedSet
from tests.procedures import SHIPPED

FILE_SETS = {each.set for each in SHIPPED.procedures.values() if each.engine == "files"}
KINDS = {"redis": "snapshot", "redis-bgsave": "snapshot", "redis-appendonly": "aof"}
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Shipped:
    """Sources, as far as their policy goes."""

    policy = SHIPPED


def backups(procedure):
    kind = KINDS.get(procedure.name, "full")
    first = RecordedBackup(id="1", kind=kind, parent=None, finished=NOW, system_identifier="")
    return (first, first.model_copy(update={"id": "2", "parent": "1"})) if procedure.incremental else (first,)


def rehearsed(*, without=()):
    sets = {
        each.set: RecordedSet(procedure=each.name, backups=backups(each), states=())
        for each in SHIPPED.procedures.values()
        if each.set not in without
    }
    record = Record(schema=1, at=NOW, seed=1, scale=1, runtime="", versions={}, sets=sets, left_out={})
    return Rehearsed(Shipped(), {}, record)


def fault(kind="archive", holds=None):
    return Fault("FAULT", kind, "something happens", lambda _: None, frozenset({"CONTENT-DIFFERS"}), holds=holds)


def test_files_are_sabotaged_where_users_keep_theirs():
    assert "user-data" == rehearsed().victim(fault())
    assert "configuration" == rehearsed(without=["user-data"]).victim(fault())


def test_a_fault_of_one_file_befalls_who_keeps_it_and_nobody_else():
    shadow = fault(holds="etc/shadow")

    assert "security-configuration" == rehearsed().victim(shadow)
    assert rehearsed(without=["security-configuration"]).victim(shadow) is None
    assert "etc/shadow" in rehearsed().lack(shadow)


def test_every_set_of_files_is_sabotaged():
    hit = {rehearsed().victim(each) for each in CATALOGUE if each.kind == victims.ARCHIVE}

    assert FILE_SETS == hit


@pytest.mark.parametrize("kind", [kind for kind in WITH_OWN_VICTIM if kind != victims.ARCHIVE])
def test_every_other_kind_has_its_victim(kind):
    assert rehearsed().victim(fault(kind)) is not None


def test_where_all_faults_are_tried_every_set_is_to_be_clean():
    tried = [each for each in CATALOGUE if each.kind != CIPHERTEXT]

    assert list(rehearsed().record.sets) == rehearsed().healthy(tried)


def test_where_some_faults_are_tried_only_what_they_befall_is_to_be_clean():
    (shadow,) = [each for each in CATALOGUE if each.holds == "etc/shadow"]
    snapshots = [each for each in CATALOGUE if each.kind == "snapshot"]

    assert ["security-configuration"] == rehearsed().healthy([shadow])
    assert ["redis", "redis-bgsave"] == rehearsed().healthy(snapshots)
