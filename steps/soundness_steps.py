"""Steps about damage below the rows of a database server."""

from pytest_bdd import given, parsers, then, when

from drill.backups.chain import Chain
from drill.commands.runbook import DONE, Runbook
from drill.damage import damage_files, damage_server
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.moments import BACKUP_END
from drill.recoveries.recovery import Recovery, lose_and_restore
from drill.recoveries.soundness import Damage, altered_files, damages
from drill.stores import DatabaseStore


@given(parsers.parse("on it {kind}"))
def damaged(store: DatabaseStore, kind: str) -> None:
    damage_server(store.server, kind)


@given(parsers.parse("it has been lost, and only its files were restored as of {link}"), target_fixture="recovery")
@when(parsers.parse("it is lost, and only its files are restored as of {link}"), target_fixture="recovery")
def files_restored(store: DatabaseStore, chain: Chain, runbook: Runbook, link: str) -> Recovery:
    return lose_and_restore(store, backup_id=chain[link].id, runbook=runbook, target=BACKUP_END)


@given(parsers.parse("the largest of them has since been {kind}"))
def restored_file_damaged(store: DatabaseStore, kind: str) -> None:
    damage_files(store.server, kind)


@when("its files are read before it starts", target_fixture="found")
def files_read(store: DatabaseStore) -> list[Damage]:
    return altered_files(store.server)


@when("it is examined", target_fixture="found")
def examined(store: DatabaseStore) -> list[Damage]:
    return damages(store.server)


@then(parsers.parse("it is free of damage, as {criterion} demands"))
def free_of_damage(store: DatabaseStore, criterion: str, policy: Policy, journal: Journal) -> None:
    found = damages(store.server)
    journal.measure(criterion, len(found), source_bytes=store.size())

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then(parsers.parse("every file is what the backup's own manifest says, as {criterion} demands"))
def files_are_as_sent(
    store: DatabaseStore, recovery: Recovery, criterion: str, policy: Policy, journal: Journal
) -> None:
    assert DONE == recovery.outcome.status, str(recovery.outcome)
    found = altered_files(store.server)
    journal.measure(criterion, len(found))

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then(parsers.parse('the damage is found as "{finding}"'))
def found_as(found: list[Damage], finding: str) -> None:
    assert finding in {damage.id for damage in found}
