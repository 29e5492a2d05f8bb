"""The catalogue says until when retention keeps a backup, or what it is kept as: the same that pruning goes by."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill import inventory
from drill.cli import app
from drill.commands.runbook import DONE, Runbook
from drill.evidence.journal import Journal
from drill.inventory import keeping
from tests.procedures import SHIPPED
from tests.repositories import LAST_NIGHT, state, stated, written

DAY = timedelta(days=1)
TERM, YEARS = 30 * DAY, 1825 * DAY
WITHIN, MONTH_END = "within the term", "the copy of its month"


@pytest.fixture
def repository(tmp_path):
    return tmp_path / "repository"


@pytest.fixture
def backups(repository):
    """A backup of each of a hundred nights, by the night it is of."""
    nights = [LAST_NIGHT - age * DAY for age in range(99, -1, -1)]
    return {f"{night:%m-%d}": written(repository / "redis", finished=night) for night in nights}


def kept(repository, *, now=LAST_NIGHT + timedelta(hours=10)):
    """Each night, and until when and as what its backup is kept."""
    found = inventory.take(repository, now=now)
    keeping.note(found, SHIPPED)
    return {f"{entry.finished:%m-%d}": (entry.kept_until, entry.kept_as) for entry in found.sets[0].entries}


def pruned(repository, *, now=LAST_NIGHT + timedelta(hours=10)):
    """The nights whose backups the policy's own pruning removes."""
    runbook = Runbook(SHIPPED, repository=repository, directory=SHIPPED.directory, journal=Journal())
    outcome = runbook.prune("redis", now=now)
    assert DONE == outcome.status, str(outcome)
    return {f"{each[4:6]}-{each[6:8]}" for each in outcome.result["removed"]}


def at(month, day, year=2026):
    return datetime(year, month, day, 2, tzinfo=UTC)


def test_a_month_end_is_kept_for_years_and_others_for_their_term_or_their_place(repository, backups):
    told = kept(repository)

    assert (at(1, 31) + YEARS, MONTH_END) == told["01-31"]
    assert (at(2, 15) + TERM, WITHIN) == told["02-15"]
    assert (at(3, 1) + TERM, WITHIN) == told["03-01"]  # a newer one of this month will take its place
    assert (None, "one of the last 35 daily points") == told["01-27"]
    assert (None, "one of the last 9 weekly points") == told["01-18"]
    assert (None, "nothing keeps it") == told["01-06"]


def test_what_nothing_keeps_is_what_pruning_removes(repository, backups):
    told = kept(repository)
    removed = pruned(repository)

    assert removed == {night for night, (_, reason) in told.items() if reason == "nothing keeps it"}
    assert "01-06" in removed


def test_where_the_backups_have_stopped_all_of_them_are_kept(repository, backups):
    later = LAST_NIGHT + 31 * DAY
    told = kept(repository, now=later)

    assert (None, "there is none within the term") == told["01-06"]
    assert set() == pruned(repository, now=later)


def test_what_a_kept_one_builds_on_is_kept_as_long(repository, backups):
    place = backups["02-15"].directory
    state(place, stated(place) | {"parent": backups["01-06"].id})

    assert (at(2, 15) + TERM, "what builds on it") == kept(repository)["01-06"]


def test_its_own_promise_a_pin_and_a_legal_hold_keep_it(repository, backups):
    place = backups["01-06"].directory
    state(place, stated(place) | {"retain_until": at(4, 1).isoformat()})
    (repository / "redis" / ".pinned").mkdir()
    (repository / "redis" / ".pinned" / backups["01-05"].id).write_text("wanted by the auditor")
    told = kept(repository)
    (repository / "redis" / ".legal-hold").write_text("case 17")

    assert ((at(4, 1), "its own promise"), (None, "pinned")) == (told["01-06"], told["01-05"])
    assert (None, "a legal hold") == kept(repository)["01-08"]


def test_what_does_not_hold_is_not_counted_and_another_takes_its_place(repository, backups):
    (backups["01-31"].directory / "small").write_bytes(b"")
    told = kept(repository)

    assert (None, "not counted: it does not hold") == told["01-31"]
    assert (at(1, 30) + YEARS, MONTH_END) == told["01-30"]


def test_the_newest_that_was_found_right_is_kept_with_what_it_builds_on(repository, backups):
    found = inventory.take(repository, now=LAST_NIGHT + timedelta(hours=10))
    by_night = {f"{entry.finished:%m-%d}": entry for entry in found.sets[0].entries}
    by_night["01-05"].found_right = by_night["01-06"].found_right = True
    by_night["01-06"].parent = by_night["01-05"].id
    by_night["01-07"].found_right, by_night["01-07"].parent = True, by_night["01-04"].id
    keeping.note(found, SHIPPED)

    assert ("the newest that was found right", "what builds on it", "nothing keeps it") == tuple(
        by_night[night].kept_as for night in ("01-06", "01-05", "01-07")
    )


def test_the_catalogue_tells_it_where_a_policy_is_named(repository, backups):
    yesterday = datetime.now(UTC) - DAY
    over = yesterday + timedelta(hours=1)
    backup = written(repository / "redis", finished=yesterday, retain_until=over.isoformat())
    told, shown, unasked = (
        CliRunner().invoke(app, ["catalogue", str(repository), *options])
        for options in (["--policy", str(SHIPPED.file), "--json"], ["--policy", str(SHIPPED.file)], [])
    )
    *_, newest = json.loads(told.stdout)["sets"][0]["backups"]

    assert backup.id == newest["id"]
    assert ((yesterday + TERM).isoformat(), WITHIN) == (newest["kept_until"], newest["kept_as"])
    assert "(within the" in shown.stdout
    assert "(within the" not in unasked.stdout
    assert "(its own" in unasked.stdout
