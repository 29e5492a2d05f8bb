"""Steps about how much room backups take, and whether that is on record."""

import shutil
from datetime import UTC, datetime

from pytest_bdd import parsers, then, when

from drill import inventory
from drill.commands.runbook import Runbook
from drill.evidence.attachments import attach_json
from drill.evidence.journal import Journal
from drill.inventory.storage import Storage, storage
from drill.policy import Policy
from drill.stores import Store


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


@then("a size on record is not what is stored")
def size_differs(room: Storage) -> None:
    assert room.recorded < room.backups
