"""retention_prune: the promise of the term is kept by every run, judged by an oracle of the test's own."""

import json
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fcntl import LOCK_SH, flock
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backup_scripts import retention_prune
from backup_scripts.contract import Refused
from tests.backup_scripts.operating import Scripts, ended

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TERM = 30 * DAY


@dataclass(frozen=True)
class Taken:
    """A backup that a test put into the set: how old it is, what it builds on, how long it is promised."""

    age: timedelta
    parent: str | None = None
    promised: timedelta | None = None
    damaged: bool = False

    @property
    def id(self) -> str:
        return f"{NOW - self.age:%Y%m%dT%H%M%S.%fZ}-{'incremental' if self.parent else 'full'}"

    def store(self, home: Path) -> None:
        directory = home / self.id
        directory.mkdir(parents=True)
        finished = (NOW - self.age).isoformat()
        stated = {
            "schema": 1, "id": self.id, "set": home.name, "kind": "full", "parent": self.parent,
            "started": finished, "finished": finished, "source": {}, "tool": {},
            "files": [{"path": "data", "size": 4, "sha256": "0"}], "stored_bytes": 4, "source_bytes": 4,
            "encryption": None, "tier": "daily",
            "retain_until": self.promised and (NOW - self.age + self.promised).isoformat(),
        }  # fmt: skip
        (directory / "data").write_text("dat" if self.damaged else "data")
        (directory / "manifest.json").write_text(json.dumps(stated))
        os.utime(directory, (0, 0))


def stored(home: Path, *taken: Taken) -> list[str]:
    for backup in taken:
        backup.store(home)
    return [backup.id for backup in taken]


def daily(days: int, *, last: int = 0) -> list[Taken]:
    return [Taken(age * DAY) for age in range(days + last, last - 1, -1)]


@contextmanager
def environment(**variables: str):
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def prune(scripts: Scripts):
    def run(*arguments: str, now: datetime = NOW):
        return scripts.on({"BACKUP_NOW": now.isoformat()}).run("retention_prune", *arguments)

    return run


def test_what_is_past_the_term_goes_but_for_the_newest_of_it(scripts, prune):
    ids = stored(scripts.home, *daily(40))
    ran = prune()

    assert 0 == ran.status, ran.said
    assert ids[10:] == scripts.in_sight() == ran.result["kept"]
    assert ids[:10] == ran.result["removed"]
    assert "newest that is at least 30 days old" in next(line for line in ran.said.splitlines() if ids[10] in line)


def test_a_second_run_finds_nothing_to_do(scripts, prune):
    stored(scripts.home, *daily(40))
    prune()
    before = scripts.in_sight()

    assert [] == prune().result["removed"]
    assert before == scripts.in_sight()


def test_the_term_can_be_given_as_an_option_or_in_the_environment(scripts, prune):
    ids = stored(scripts.home, *daily(40))

    assert ids[:5] == prune("--days", "35").result["removed"]
    assert (
        ids[5:33]
        == scripts.on({"BACKUP_NOW": NOW.isoformat(), "RETENTION_DAYS": "7"}).done("retention_prune")["removed"]
    )


def test_a_rehearsal_says_what_would_go_and_removes_nothing(scripts, prune):
    ids = stored(scripts.home, *daily(40))
    ran = prune("--dry-run")

    assert ids[:10] == ran.result["removed"]
    assert f"would remove {ids[0]}" in ran.said
    assert ids == scripts.in_sight()


def test_nothing_goes_when_the_backups_have_stopped(scripts, prune):
    ids = stored(scripts.home, *daily(40, last=31))
    ran = prune()

    assert (0, []) == (ran.status, ran.result["removed"])
    assert "have the backups stopped?" in ran.said
    assert ids == scripts.in_sight()


def test_a_clock_behind_the_newest_backup_is_refused(scripts, prune):
    ids = stored(scripts.home, *daily(60))
    ran = prune(now=NOW - timedelta(seconds=1))

    assert (3, "clock-backwards") == (ran.status, ran.slug)
    assert ids == scripts.in_sight()


def test_what_a_backup_promised_of_itself_is_kept(scripts, prune):
    ids = stored(scripts.home, Taken(90 * DAY, promised=91 * DAY), Taken(80 * DAY, promised=80 * DAY), *daily(40))
    prune()

    assert ids[0] in scripts.in_sight()
    assert ids[1] not in scripts.in_sight()


def test_what_a_kept_backup_builds_on_is_kept(scripts, prune):
    full, first = Taken(50 * DAY), Taken(49 * DAY, parent=Taken(50 * DAY).id)
    kept = stored(scripts.home, full, first, Taken(48 * DAY, parent=first.id), Taken(0 * DAY))
    gone = stored(scripts.home, Taken(60 * DAY), Taken(59 * DAY, parent=Taken(60 * DAY).id))
    ran = prune()

    assert sorted(kept) == scripts.in_sight()
    assert sorted(gone) == ran.result["removed"]


def test_what_is_no_backup_is_neither_counted_nor_touched(scripts, prune):
    good = stored(scripts.home, *daily(40))
    bad = stored(
        scripts.home,
        Taken(30 * DAY + timedelta(hours=1), damaged=True),
        Taken(30 * DAY + timedelta(hours=2), parent="20200101T000000.000000Z-full"),
    )
    (scripts.home / "README").write_text("ours")
    (scripts.home / "2020-old-dump").mkdir()
    (scripts.home / "20200101T000000.000000Z-full").mkdir()
    (scripts.home / "link").symlink_to(scripts.home / good[0])
    foreign = ["2020-old-dump", "20200101T000000.000000Z-full", "README", "link"]
    ran = prune()

    assert sorted(good[10:] + bad + foreign) == scripts.in_sight()
    assert sorted(bad + foreign) == sorted(ran.result["ignored"])


def test_the_time_of_the_file_system_does_not_count(scripts, prune):
    ids = stored(scripts.home, *daily(40))
    for path in scripts.home.iterdir():
        os.utime(path)

    assert ids[:10] == prune().result["removed"]


def test_a_removal_that_was_interrupted_is_finished(scripts, prune):
    ids = stored(scripts.home, *daily(10))
    (scripts.home / ".expired-20200101T000000.000000Z-full/dump").mkdir(parents=True)
    (scripts.home / ".partial-20261123T015900.000000Z-full").mkdir()
    ran = prune()

    assert (0, []) == (ran.status, ran.result["removed"])
    assert [".partial-20261123T015900.000000Z-full", *ids] == scripts.in_sight()


def test_a_backup_that_is_being_restored_is_left_alone_and_what_it_builds_on_too(scripts, prune):
    full, child = Taken(50 * DAY), Taken(49 * DAY, parent=Taken(50 * DAY).id)
    ids = stored(scripts.home, Taken(60 * DAY), full, child, *daily(40))
    reading = os.open(scripts.home / child.id, os.O_RDONLY)
    flock(reading, LOCK_SH)
    first = prune()
    os.close(reading)

    assert [ids[0], *ids[3:13]] == first.result["removed"]
    assert [full.id, child.id] == prune().result["removed"]


def test_a_set_that_is_not_there_is_named_and_not_created(scripts, prune):
    ran = prune()

    assert (1, "no-such-set") == (ran.status, ran.slug)
    assert not scripts.home.exists()


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "month", ""])
def test_a_term_that_cannot_be_is_a_wrong_argument(scripts, prune, days):
    ids = stored(scripts.home, *daily(40))
    ran = prune(f"--days={days}")

    assert (2, "wrong-number") == (ran.status, ran.slug)
    assert ids == scripts.in_sight()


def test_a_killed_run_leaves_only_whole_backups_in_sight(scripts):
    ids = stored(scripts.home, *daily(400))
    with scripts.on({"BACKUP_NOW": NOW.isoformat()}).start("retention_prune") as process:
        while not list(scripts.home.glob(".expired-*")) and process.poll() is None:
            pass
        process.send_signal(signal.SIGKILL)
    for backup_id in set(ids) & set(scripts.in_sight()):
        assert {"data", "manifest.json"} == {path.name for path in (scripts.home / backup_id).iterdir()}
    result = scripts.on({"BACKUP_NOW": NOW.isoformat()}).done("retention_prune")

    assert ids[370:] == result["kept"] == scripts.in_sight()


def test_of_two_prunings_at_once_one_does_all_of_it_and_the_other_nothing(scripts):
    """Two processes: while the first is held up in the midst of its decision, the second runs from end to end."""
    ids = stored(scripts.home, *daily(40))
    reason = scripts.home / ".pinned" / ids[0]
    reason.parent.mkdir()
    os.mkfifo(reason)  # whoever reads it waits for what it says
    at_night = scripts.on({"BACKUP_NOW": NOW.isoformat()})
    with at_night.start("retention_prune") as process:
        with reason.open("w") as told:
            second = at_night.run("retention_prune")
            before = scripts.in_sight()
            told.write("wanted by the auditor")
        first = ended(process)

    assert (1, "set-busy", [".pinned", *ids]) == (second.status, second.slug, before)
    assert (0, ids[1:10]) == (first.status, first.result["removed"]), first.said
    assert [".pinned", ids[0], *ids[10:]] == scripts.in_sight()


def test_prunings_that_race_remove_what_one_would(scripts):
    ids = stored(scripts.home, *daily(200))
    at_night = scripts.on({"BACKUP_NOW": NOW.isoformat()})
    processes = [at_night.start("retention_prune") for _ in range(3)]
    ran = [ended(process) for process in processes]
    removed = [each for one in ran if one.status == 0 for each in one.result["removed"]]

    assert {(0, None)} <= {(one.status, one.slug) for one in ran} <= {(0, None), (1, "set-busy")}
    assert ids[:170] == sorted(removed)
    assert ids[170:] == scripts.in_sight()


AGES = st.integers(0, 100 * 24).map(lambda hours: timedelta(hours=hours))


@st.composite
def histories(draw) -> list[Taken]:
    """Backups of any age, some of them chains, some damaged, some with promises of their own."""
    taken: list[Taken] = []
    for age in sorted(draw(st.sets(AGES, min_size=1, max_size=12)), reverse=True):
        parent = draw(st.none() | st.sampled_from(taken)) if taken else None
        promised = draw(st.none() | st.sampled_from([10 * DAY, 30 * DAY, 60 * DAY]))
        damaged = draw(st.booleans()) and draw(st.booleans())
        taken.append(Taken(age, parent and parent.id, promised, damaged))
    return taken


def restorable(taken: list[Taken], present: set[str]) -> set[str]:
    """The oracle: what could be restored if only these directories were there."""
    known = {backup.id: backup for backup in taken}

    def whole(backup_id: str | None) -> bool:
        if backup_id is None:
            return True
        return backup_id in present and not known[backup_id].damaged and whole(known[backup_id].parent)

    return {backup_id for backup_id in known if whole(backup_id)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=histories(), days=st.integers(1, 60))
def test_no_promise_is_ever_broken_and_nothing_useless_is_kept(tmp_path_factory, taken, days):
    assume(len({backup.id for backup in taken}) == len(taken))
    home = tmp_path_factory.mktemp("repository") / "shop"
    stored(home, *taken)
    with environment(BACKUP_REPOSITORY=str(home.parent), BACKUP_SET="shop", BACKUP_NOW=NOW.isoformat()):
        result = retention_prune.prune(["--days", str(days)])
    present = {path.name for path in home.iterdir() if not path.name.startswith(".")}
    age = {backup.id: backup.age for backup in taken}
    promised = {backup.id: backup.promised for backup in taken}
    before, after = restorable(taken, set(age)), restorable(taken, present)
    young = {backup_id for backup_id in before if age[backup_id] < days * DAY}
    reach = min((age[backup_id] for backup_id in before - young), default=None)
    needed = young | {backup_id for backup_id in before if age[backup_id] == reach}
    needed |= {backup_id for backup_id in before if promised[backup_id] and age[backup_id] < promised[backup_id]}
    needed = needed if young else before

    assert needed <= after
    assert set(age) - before <= present
    assert sorted(set(age) - present) == result["removed"]
    assert sorted(after) == result["kept"]
    for backup_id in after - needed:  # what is kept beyond need is what something needed builds on
        assert not needed <= restorable(taken, present - {backup_id})


@given(taken=histories(), hours=st.integers(1, 50 * 24))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_clock_that_runs_backwards_never_removes_anything(tmp_path_factory, taken, hours):
    home = tmp_path_factory.mktemp("repository") / "shop"
    stored(home, *taken)
    newest = min((backup.age for backup in taken if not backup.damaged), default=None)
    assume(newest is not None)
    now = NOW - newest - timedelta(hours=hours)
    facts = environment(BACKUP_REPOSITORY=str(home.parent), BACKUP_SET="shop", BACKUP_NOW=now.isoformat())
    with facts, pytest.raises(Refused, match="clock-backwards"):
        retention_prune.prune([])

    assert {backup.id for backup in taken} == {path.name for path in home.iterdir()} - {".lock"}
