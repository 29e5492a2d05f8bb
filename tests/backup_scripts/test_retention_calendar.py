"""retention_prune over more than a year of everything that happens to backups, judged by the drill's own oracle."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backup_scripts import backup_verify, retention_prune
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
ROTTEN = b"dAta"
LONG_ENOUGH = 400 * DAY
NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)


@contextmanager
def environment(**variables: str):
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def facts(home: Path, now: datetime) -> dict[str, str]:
    return VARIABLES | {"BACKUP_REPOSITORY": str(home.parent), "BACKUP_SET": home.name, "BACKUP_NOW": now.isoformat()}


def pruned(home: Path, now: datetime, *arguments: str) -> dict:
    with environment(**facts(home, now)):
        return dict(retention_prune.prune(arguments))


def in_sight(home: Path) -> set[str]:
    return {path.name for path in home.iterdir() if not path.name.startswith(".")}


def nights(first: datetime, number: int, *, hour: int) -> list[datetime]:
    """The same time of the wall clock, night after night, in UTC."""
    zone = ZoneInfo(ZONE)
    local = first.astimezone(zone).replace(hour=hour, minute=30)
    return [(local + day * DAY).astimezone(UTC) for day in range(number)]


def next_night(now: datetime, hour: int) -> list[datetime]:
    """Half past an hour of the next day, by the clock on the wall, in UTC; two moments where the clock is changed."""
    zone = ZoneInfo(ZONE)
    local = (now.astimezone(zone) + DAY).replace(hour=hour, minute=30, second=0, microsecond=0)
    return sorted({local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})


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
    """A set in which backups are taken, fail, come late, build on each other, rot, are pinned, and are pruned.

    Four hundred days pass in every example, a leap day and both changes of the clock among them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="retention-"))
        self.home = self.place / "shop"
        self.home.mkdir()
        self.began = self.now = NEW_YEAR
        self.taken: dict[datetime, str] = {}  # without those that pruning has removed by right
        self.parents: dict[str, str | None] = {}
        self.damaged: set[str] = set()
        self.rotten: set[str] = set()
        self.found: set[str] = set()  # of the rotten ones; what nobody has read again passes for right
        self.read: set[str] = set()
        self.pins: set[str] = set()
        self.hold = False

    def teardown(self) -> None:
        try:
            if self.taken and (left := self.began + LONG_ENOUGH - self.now) > timedelta(0):
                self.days_go_by(days=left // DAY + 1, every=40, hour=2)
                self.prune()

            assert not self.taken or self.now - self.began >= LONG_ENOUGH
        finally:
            shutil.rmtree(self.place)

    def take(self, *, parent: str | None = None) -> str:
        backup = written(self.home, finished=self.now, files=FILES, parent=parent)
        self.taken[self.now], self.parents[backup.id] = backup.id, parent
        return backup.id

    @initialize(before=st.integers(1, 180))
    def months_have_gone_by(self, before: int) -> None:
        """So that all that is kept for months has something to keep from the beginning."""
        self.began = self.now = NEW_YEAR - before * DAY
        self.take()
        self.days_go_by(days=150, every=50, hour=0)

    @rule(days=st.integers(5, 40), every=st.integers(3, 20), hour=st.sampled_from([0, 2, 23]))
    def days_go_by(self, days: int, every: int, hour: int) -> None:
        """Daily backups by the clock on the wall, two where the clock is changed in that hour, pruned now and then."""
        for day in range(days):
            for moment in next_night(self.now, hour):
                self.now = moment
                self.take()
            if day % every == every - 1:
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
    def a_bit_rots(self, data: st.DataObject) -> None:
        """Of one backup or of all those in a row; who verifies finds it, and until then nobody knows."""
        here = self.here()
        first = data.draw(st.integers(0, len(here) - 1))
        for each in here[first : first + data.draw(st.sampled_from([1, 1, 40]))]:
            (self.home / each / "data").write_bytes(ROTTEN)
            self.rotten.add(each)
        if data.draw(st.booleans()):
            self.verify()

    @precondition(lambda self: self.found)
    @rule(data=st.data())
    def what_has_rotted_is_replaced_by_its_copy(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.found)))
        (self.home / chosen / "data").write_bytes(FILES["data"])
        self.rotten.discard(chosen)
        self.verify()

    @rule()
    def verify(self) -> None:
        self.rotten &= set(self.here())  # one that nobody has read may have gone by right
        wrong = bool(self.rotten or self.damaged)
        noticed = pytest.raises(Refused, match=r"checksum-mismatch|backup-truncated|manifest-invalid")
        with environment(**facts(self.home, self.now)), noticed if wrong else nullcontext():
            backup_verify.verify([])
        self.read |= set(self.here()) - self.rotten
        self.found = set(self.rotten)

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
    def something_else_changes_the_set(self) -> None:
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
        sound = {moment: each for moment, each in self.taken.items() if not self.spoilt(each)}

        assert rehearsed["removed"] == result["removed"] == sorted(before - here)
        assert [] == list(self.home.glob(".expired-*"))
        assert self.damaged <= here
        if self.hold or not any(self.now - moment < PROMISE.term for moment in sound):
            assert before == here
        else:
            assert self.needed() == here - self.damaged
        self.taken = {moment: each for moment, each in self.taken.items() if each in here}

    def here(self) -> list[str]:
        return sorted(set(self.taken.values()) & in_sight(self.home))

    def line(self, backup_id: str) -> list[str]:
        """It and what it builds on."""
        parent = self.parents[backup_id]
        return [backup_id, *(self.line(parent) if parent else ())]

    def spoilt(self, backup_id: str) -> bool:
        """Whether it is known not to hold, or something that it builds on is."""
        return not self.found.isdisjoint(self.line(backup_id))

    def needed(self) -> set[str]:
        """What must be there: what is promised, pinned, or known to be spoilt, each with what it builds on."""
        spoilt = {moment for moment, each in self.taken.items() if self.spoilt(each)}
        proven = {moment for moment, each in self.taken.items() if self.read.issuperset(self.line(each))}
        must = promised(self.taken, now=self.now, promise=PROMISE, rotten=spoilt, proven=proven - spoilt)
        wanted = {self.taken[moment] for moment in must | spoilt} | self.pins
        return {link for each in wanted for link in self.line(each)}

    @invariant()
    def the_newest_backup_is_always_there(self) -> None:
        if self.taken:
            assert self.taken[max(self.taken)] in in_sight(self.home)


TestRepository = Repository.TestCase
TestRepository.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
