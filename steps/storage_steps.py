"""Steps about how much room backups take, what that costs, and whether it is on record."""

import shutil
from datetime import UTC, datetime, timedelta

from pytest import approx
from pytest_bdd import given, parsers, then, when

from drill import inventory
from drill.backups.backup import Backup
from drill.backups.catalogue import restamp
from drill.backups.weighing import GIGABYTE, grown_to, weighed
from drill.commands.runbook import Runbook
from drill.evidence.attachments import attach_json
from drill.evidence.journal import Journal
from drill.inventory.outlook import Outlook, outlook
from drill.inventory.storage import Storage, storage
from drill.policy import Policy
from drill.policy.storage import StoragePrice
from drill.stores import Store

ROOM = {"ten": 10, "sixty": 60}
AT_THE_END = "_at_end_of_term"


@given(parsers.parse("a policy by which a gigabyte costs {price:g} a month"), target_fixture="policy")
def gigabyte_costs(policy: Policy, price: float) -> Policy:
    return policy.model_copy(update={"storage": StoragePrice(price_per_gb_month=price, currency="USD")})


@given("a policy that names no price of storage", target_fixture="policy")
def names_no_price(policy: Policy) -> Policy:
    return policy.model_copy(update={"storage": None})


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


@when("it is asked what they take and cost", target_fixture="ahead")
def asked_what_they_cost(store: Store, runbook: Runbook, policy: Policy) -> Outlook:
    found = inventory.take(runbook.repository, now=datetime.now(UTC), only=runbook.set_of(store).name)
    ahead = outlook(found, term=policy.retention.minimum, price=policy.storage)
    attach_json("storage outlook", ahead.as_json())
    return ahead


@then(parsers.parse("a month of what is stored costs {price:g} for every gigabyte"))
def costs_now(store: Store, runbook: Runbook, ahead: Outlook, price: float) -> None:
    stored, told = weighed(runbook.set_of(store)), ahead.as_json()["total"]

    assert stored == told["stored_bytes"] + told["log_bytes"] > 0
    assert told["cost_per_month"] == approx(stored / GIGABYTE * price)


@then(
    parsers.parse(
        "a month of what they have grown to by the end of the retention term costs {price:g} for every gigabyte"
    )
)
def costs_at_the_end(store: Store, runbook: Runbook, policy: Policy, ahead: Outlook, price: float) -> None:
    grown, told = grown_to(runbook.set_of(store), term=policy.retention.minimum), ahead.as_json()["total"]

    assert told[f"bytes{AT_THE_END}"] == approx(grown)
    assert told[f"cost_per_month{AT_THE_END}"] == approx(grown / GIGABYTE * price)


@then("it is told what they take, and no cost")
def no_cost(store: Store, runbook: Runbook, ahead: Outlook) -> None:
    told = ahead.as_json()

    assert weighed(runbook.set_of(store)) == told["total"]["stored_bytes"]
    assert [None] * 3 == [told["currency"], *(told["total"][f"cost_per_month{end}"] for end in ("", AT_THE_END))]


@then("nothing is told of what they take and cost at the end of it")
def nothing_of_the_end(ahead: Outlook) -> None:
    told = ahead.as_json()["total"]

    assert [None] * 2 == [told[f"bytes{AT_THE_END}"], told[f"cost_per_month{AT_THE_END}"]]


@then("a size on record is not what is stored")
def size_differs(room: Storage) -> None:
    assert room.recorded < room.backups
