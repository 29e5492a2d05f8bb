"""Steps about what a recovered store holds, and what it lost."""

from pytest_bdd import parsers, then

from drill.backups.backup import Backup
from drill.evidence.journal import Journal
from drill.losses.ledger import Writer
from drill.losses.worst_loss import worst_loss
from drill.policy import Policy
from drill.recoveries.comparison import compared, lost, written
from drill.recoveries.recovery import Recovery
from drill.stores import Store


@then("it holds exactly what was backed up")
def holds_exactly(store: Store, backup: Backup) -> None:
    assert [] == compared(store, backup)


@then(parsers.parse("it holds exactly what was backed up, as {criterion} demands"))
def holds_what(store: Store, backup: Backup, criterion: str, policy: Policy, journal: Journal) -> None:
    found = compared(store, backup)
    journal.measure(criterion, len(found), source_bytes=backup.source_bytes)

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then("what it holds is found to differ")
def found_to_differ(store: Store, backup: Backup) -> None:
    assert [] != compared(store, backup)


@then("these are among what it holds:")
def among_what_it_holds(store: Store, datatable: list[list[str]]) -> None:
    _, *rows = datatable

    assert set() == {what for (what,) in rows} - store.fingerprint().facts.keys()


@then("every write acknowledged before the backup is there")
def writes_before_are_there(store: Store, backup: Backup) -> None:
    assert set() == set(range(backup.acknowledged)) - written(store)


@then("no write is missing before one that is there")
def no_holes(store: Store, writer: Writer, recovery: Recovery) -> None:
    loss = lost(store, writer, recovery)

    assert () == loss.holes
    assert () == loss.invented


@then(parsers.parse("the data loss, at worst under the schedule, meets {criterion}"))
def data_loss_meets(
    store: Store, writer: Writer, recovery: Recovery, backup: Backup, criterion: str, policy: Policy, journal: Journal
) -> None:
    loss = lost(store, writer, recovery)
    worst = worst_loss(policy, store.procedure, backup_takes=backup.outcome.took)
    journal.measure(criterion, loss.window, projected=worst.window, source_bytes=backup.source_bytes)

    assert loss.missing > 0, "nothing was lost, so nothing was measured"
    assert policy.criterion(criterion).objective.met_by(max(loss.window, worst.window)), str(worst)
