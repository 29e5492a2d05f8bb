"""Steps about how much room backups take, and whether that is on record."""

import shutil
from datetime import UTC, datetime, timedelta

from pytest_bdd import given, parsers, then, when

from drill import inventory
from drill.backups.backup import Backup
from drill.backups.catalogue import restamp
from drill.commands.runbook import Runbook
from drill.evidence.attachments import attach_json
from drill.evidence.journal import Journal
from drill.inventory.outlook import Outlook, outlook
from drill.inventory.storage import Storage, storage
from drill.policy import Policy
from drill.stores import Store

ROOM = {"ten": 10, "sixty": 60}


@when("the room that its backups take is measured", target_fixture="room")
def room_measured(store: Store, runbook: Runbook, policy: Policy) -> Storage:
    home = runbook.set_of(store)
    (found,) = inventory.take(home.parent, now=datetime.now(UTC), only=home.name).sets
    room = storage(found, free_bytes=shutil.disk_usage(home).free)
    attach_json("storage", dict(room.figures(policy.retention.minimum)))
    return room


@then(parsers.parse("the size of every backup is on record, as {criterion} demands"))
def sizes_on_record(
    store: Store, room: Storage, criterion: str, policy: Policy, runbook: Runbook, journal: Journal
) -> None:
    journal.measure(criterion, room.recorded_share)
    journal.event(**room.event(runbook.set_of(store).name))

    assert policy.criterion(criterion).objective.met_by(room.recorded_share)


@then(parsers.parse("they take less room than what they hold, as {criterion} demands"))
def take_less_room(room: Storage, criterion: str, policy: Policy, journal: Journal) -> None:
    assert room.ratio is not None
    journal.measure(criterion, room.ratio, source_bytes=room.source_bytes)

    assert policy.criterion(criterion).objective.met_by(room.ratio)


@given("backups like it have been taken for a week")
def week_of_backups(backup: Backup) -> None:
    for day in range(1, 8):
        restamp(
            backup.stored, finished=backup.stored.finished - timedelta(days=day), into=backup.stored.directory.parent
        )


@when(
    parsers.parse("it is asked how long a disk with room for the growth of {days} days lasts"), target_fixture="ahead"
)
def asked_how_long(store: Store, runbook: Runbook, policy: Policy, days: str) -> Outlook:
    home = runbook.set_of(store)
    found = inventory.take(home.parent, now=datetime.now(UTC), only=home.name)
    growth = found.sets[0].growth_per_day or 0
    ahead = outlook(found, term=policy.retention.minimum, price=policy.storage, free=int(ROOM[days] * growth))
    attach_json("storage outlook", ahead.as_json())
    return ahead


@then(parsers.parse("that it lasts for the retention term is {verdict}"))
def lasts(ahead: Outlook, verdict: str) -> None:
    assert str(ahead.verdict) == verdict


@then("a size on record is not what is stored")
def size_differs(room: Storage) -> None:
    assert room.recorded < room.backups
