"""retention_prune over more than a year of everything that happens to backups, judged by the drill's own oracle."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backup_scripts import retention_prune
from backup_scripts.contract import Failed, Refused
from drill.backups.retention import Promise, promised
from tests.repositories import written

DAY = timedelta(days=1)
ZONE = "Europe/Berlin"
PROMISE = Promise(30 * DAY, {"daily": 35, "weekly": 9, "monthly": 4}, (200 * DAY, 90 * DAY), ZONE)
VARIABLES = {
    "RETENTION_DAYS": "30", "RETENTION_DAILY": "35", "RETENTION_WEEKLY": "9", "RETENTION_MONTHLY": "4",
    "RETENTION_COPIES": "archive=200 compliance=90", "RETENTION_TIME_ZONE": ZONE,
}  # fmt: skip
FILES = {"data": b"data"}


@contextmanager
def environment(**variables: str):
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def pruned(home: Path, now: datetime, *arguments: str) -> dict:
    facts = VARIABLES | {"BACKUP_REPOSITORY": str(home.parent), "BACKUP_SET": home.name, "BACKUP_NOW": now.isoformat()}
    with environment(**facts):
        return dict(retention_prune.prune(arguments))


def in_sight(home: Path) -> set[str]:
    return {path.name for path in home.iterdir() if not path.name.startswith(".")}


def nights(first: datetime, number: int, *, hour: int) -> list[datetime]:
    """The same time of the wall clock, night after night, in UTC."""
    zone = ZoneInfo(ZONE)
    local = first.astimezone(zone).replace(hour=hour, minute=30)
    return [(local + day * DAY).astimezone(UTC) for day in range(number)]


# Half past midnight is another day, month and year in UTC; half past two comes twice or not at all once a year.
@pytest.mark.parametrize(
    ("first", "hour"), [(datetime(2027, 12, 1, tzinfo=UTC), 0), (datetime(2026, 2, 27, tzinfo=UTC), 2)]
)
def test_for_more_than_a_year_every_promise_is_kept_and_nothing_else(tmp_path, first, hour):
    home = tmp_path / "shop"
    taken: dict[datetime, str] = {}
    for now in nights(first, 410, hour=hour):  # a leap day in one of the years, two changes of the clock in each
        taken[now] = written(home, finished=now, files=FILES).id
        if now.toordinal() % 5 == 0:
            pruned(home, now)
            must = {taken[moment] for moment in promised(taken, now=now, promise=PROMISE)}

            assert must == in_sight(home)


class Repository(RuleBasedStateMachine):
    """A set in which backups are taken, fail, come late, build on each other, are pinned, and are pruned."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="retention-"))
        self.home = self.place / "shop"
        self.home.mkdir()
        self.now = datetime(2027, 12, 20, 23, 30, tzinfo=UTC)
        self.taken: dict[datetime, str] = {}
        self.parents: dict[str, str | None] = {}
        self.damaged: set[str] = set()
        self.pins: set[str] = set()
        self.hold = False

    def teardown(self) -> None:
        shutil.rmtree(self.place)

    def take(self, *, parent: str | None = None) -> str:
        backup = written(self.home, finished=self.now, files=FILES, parent=parent)
        self.taken[self.now], self.parents[backup.id] = backup.id, parent
        return backup.id

    @initialize()
    def first(self) -> None:
        self.take()

    @rule(days=st.integers(20, 70), every=st.integers(1, 9))
    def days_go_by(self, days: int, every: int) -> None:
        """Daily backups, pruned now and then."""
        for day in range(days):
            self.now += DAY
            self.take()
            if day % every == 0:
                self.prune()

    @rule(days=st.integers(1, 80))
    def the_job_has_stopped(self, days: int) -> None:
        self.now += days * DAY
        self.prune()

    @rule(hours=st.integers(1, 30))
    def a_backup_comes_late_and_another_builds_on_it(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        parent = self.take()
        self.now += timedelta(hours=1)
        self.take(parent=parent)

    @precondition(lambda self: self.taken)
    @rule(seconds=st.integers(1, 3600))
    def a_backup_fails(self, seconds: int) -> None:
        """Cut off, or without a manifest: it is no point, whatever its name says."""
        self.now += timedelta(seconds=seconds)
        failed = written(self.home, finished=self.now, files=FILES)
        if seconds % 2:
            (failed.directory / "data").write_bytes(b"dat")
        else:
            (failed.directory / "manifest.json").unlink()
        self.damaged.add(failed.id)

    @precondition(lambda self: self.here())
    @rule(data=st.data())
    def a_backup_is_uploaded_once_more(self, data: st.DataObject) -> None:
        """Its files are new, its time is not."""
        chosen = self.home / data.draw(st.sampled_from(self.here()))
        shutil.copytree(chosen, self.place / "aside")
        shutil.rmtree(chosen)
        shutil.move(self.place / "aside", chosen)
        os.utime(chosen)

    @precondition(lambda self: self.here())
    @rule(data=st.data())
    def somebody_pins_a_backup(self, data: st.DataObject) -> None:
        (self.home / ".pinned").mkdir(exist_ok=True)
        chosen = data.draw(st.sampled_from(self.here()))
        (self.home / ".pinned" / chosen).write_text("wanted by the auditor")
        self.pins.add(chosen)

    @rule()
    def legal_hold_begins_or_ends(self) -> None:
        if self.hold:
            (self.home / ".legal-hold").unlink()
        else:
            (self.home / ".legal-hold").write_text("case 17")
        self.hold = not self.hold

    @precondition(lambda self: self.taken)
    @rule(hours=st.integers(1, 3000))
    def the_clock_is_put_back(self, hours: int) -> None:
        before = in_sight(self.home)
        with pytest.raises(Refused, match="clock-backwards"):
            pruned(self.home, max(self.taken) - timedelta(hours=hours))

        assert before == in_sight(self.home)

    @rule(years=st.integers(1, 20))
    def the_clock_jumps_ahead(self, years: int) -> None:
        """Then all backups seem to be old, and none may go for that."""
        before = in_sight(self.home)
        pruned(self.home, self.now + years * 366 * DAY)

        assert before == in_sight(self.home)

    @rule()
    def two_prunings_run_at_once(self) -> None:
        before = in_sight(self.home)
        lock = os.open(self.home / ".lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Failed, match="set-busy"):
            pruned(self.home, self.now)
        os.close(lock)

        assert before == in_sight(self.home)

    @rule()
    def a_pruning_is_killed_between_its_renames(self) -> None:
        """What it had renamed is gone for the world, what it had not is whole."""
        would = pruned(self.home, self.now, "--dry-run")["removed"]
        children_first = sorted(would, key=lambda each: (self.parents[each] is None, each))
        for each in children_first[: len(children_first) // 2]:
            (self.home / each).rename(self.home / f".expired-{each}")
        self.prune()

    @rule()
    def prune(self) -> None:
        before = in_sight(self.home)
        rehearsed = pruned(self.home, self.now, "--dry-run")
        result = pruned(self.home, self.now)
        here = in_sight(self.home)

        assert rehearsed["removed"] == result["removed"] == sorted(before - here)
        assert [] == list(self.home.glob(".expired-*"))
        assert self.damaged <= here
        if self.hold or not any(self.now - moment < PROMISE.term for moment in self.taken):
            assert before == here
        else:
            assert self.needed() == here - self.damaged

    def ever(self) -> list[str]:
        return list(self.taken.values())

    def here(self) -> list[str]:
        return sorted(set(self.ever()) & in_sight(self.home))

    def needed(self) -> set[str]:
        """What must be there: what the oracle promises and what somebody pinned, each with what it builds on."""
        wanted = {self.taken[moment] for moment in promised(self.taken, now=self.now, promise=PROMISE)} | self.pins
        for each in list(wanted):
            while each := self.parents[each]:
                wanted.add(each)
        return wanted

    @invariant()
    def the_newest_backup_is_always_there(self) -> None:
        if self.taken:
            assert self.taken[max(self.taken)] in in_sight(self.home)


TestRepository = Repository.TestCase
TestRepository.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
