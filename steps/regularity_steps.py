"""Steps about the schedule that is carried out, and about backups that were missed."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from pytest_bdd import parsers, then, when

from drill.backups.routine import carry_out
from drill.commands.runbook import Runbook
from drill.damage import damage
from drill.evidence.journal import Journal
from drill.inventory.punctuality import Punctuality, firings
from drill.policy import Policy, Schedule
from drill.stores import Store

DOCUMENT = "document"
YEAR = timedelta(days=365)


@when(parsers.parse("{stretch} of the document's schedule are carried out"), target_fixture="kept_times")
def document_carried_out(store: Store, runbook: Runbook, stretch: str) -> Punctuality:
    return carry_out(store, runbook=runbook, stretch=stretch, origin=DOCUMENT)


@when(parsers.parse("{stretch} of its whole schedule are carried out"), target_fixture="kept_times")
def whole_carried_out(store: Store, runbook: Runbook, stretch: str) -> Punctuality:
    return carry_out(store, runbook=runbook, stretch=stretch)


@when(
    parsers.parse("{stretch} of the document's schedule are carried out, but nobody takes the second"),
    target_fixture="kept_times",
)
def second_not_taken(store: Store, runbook: Runbook, stretch: str) -> Punctuality:
    return carry_out(store, runbook=runbook, stretch=stretch, origin=DOCUMENT, skipped=2)


@when(
    parsers.parse("{stretch} of the document's schedule are carried out, but the second is {kind}"),
    target_fixture="kept_times",
)
def second_damaged(store: Store, runbook: Runbook, stretch: str, kind: str) -> Punctuality:
    mishaps = {2: partial(damage, kind=kind)}
    return carry_out(store, runbook=runbook, stretch=stretch, origin=DOCUMENT, mishaps=mishaps)


@when(parsers.parse("the document's entries for {procedure} are read"), target_fixture="written")
def entries_read(policy: Policy, procedure: str) -> list[Schedule]:
    return [entry for entry in policy.scheduled(procedure, "backup") if entry.origin == DOCUMENT]


@then("every backup that was due is there")
def every_due_there(kept_times: Punctuality) -> None:
    assert (True, ()) == (len(kept_times.due) > 1, kept_times.missed)


@then("the second backup is found missing")
def second_missing(kept_times: Punctuality) -> None:
    assert (kept_times.due[1][0],) == kept_times.missed


@then(parsers.parse("the longest time between two of them meets {criterion}"))
def gap_meets(kept_times: Punctuality, criterion: str, policy: Policy, journal: Journal) -> None:
    assert kept_times.longest_gap is not None
    journal.measure(criterion, kept_times.longest_gap)

    assert policy.criterion(criterion).objective.met_by(kept_times.longest_gap)


@then(parsers.parse("the longest time between two of them does not meet {criterion}"))
def gap_does_not_meet(kept_times: Punctuality, criterion: str, policy: Policy) -> None:
    assert kept_times.longest_gap is not None
    assert not policy.criterion(criterion).objective.met_by(kept_times.longest_gap)


@then(parsers.parse("they are due every day at {hour}"))
def due_at(written: list[Schedule], hour: str) -> None:
    since = datetime(2028, 1, 1, tzinfo=UTC)
    local = [
        moment.astimezone(ZoneInfo(entry.time_zone))
        for entry in written
        for moment in firings([entry], since=since, until=since + YEAR)
    ]

    assert {hour} == {f"{moment:%H:%M}" for moment in local}
    assert YEAR.days <= len(local)
