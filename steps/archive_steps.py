"""Steps about the archive of a server's write-ahead log."""

from pytest_bdd import given, parsers, then, when

from drill.backups import catalogue
from drill.backups.archiving import Archiving, archive_again, foreign
from drill.backups.backup import Backup
from drill.commands.runbook import DONE, REFUSED, Runbook
from drill.damage import damage_segment, damage_segment_unsealed
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import ClusterStore

SEVERAL = 4


@given("its log has filled several segments")
def filled_several_segments(store: ClusterStore) -> None:
    store.fill_segments(SEVERAL)


@given(parsers.parse("{victim} of the archive has since been {kind}"))
def segment_damaged(store: ClusterStore, victim: str, kind: str) -> None:
    damage_segment(store.keeping.archive, victim=victim, kind=kind)


@given("a segment of the archive was altered by one bit before its checksum was taken")
def segment_damaged_unsealed(store: ClusterStore) -> None:
    damage_segment_unsealed(store.keeping.archive)


@when("another content is archived under the name of a segment", target_fixture="archiving")
def archived_other_content(store: ClusterStore) -> Archiving:
    return archive_again(store.keeping, change=foreign)


@when("a segment is archived once more", target_fixture="archiving")
def archived_once_more(store: ClusterStore) -> Archiving:
    return archive_again(store.keeping)


@when("it is lost, recovered to the end of its log and written to", target_fixture="archived")
def recovered_and_written_to(store: ClusterStore, backup: Backup, runbook: Runbook) -> dict[str, bytes]:
    archived = catalogue.contents(store.keeping.archive)
    lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
    store.finish_segment(with_writes=range(10_000, 10_010))
    return archived


@then(parsers.parse('the archiving is refused as "{reason}"'))
def archiving_refused(archiving: Archiving, reason: str) -> None:
    assert (REFUSED, reason) == (archiving.outcome.status, archiving.outcome.reason), str(archiving.outcome)


@then(parsers.parse('the server gives its recovery up, as the log is refused as "{reason}"'))
def log_refused(store: ClusterStore, recovery: Recovery, reason: str) -> None:
    assert recovery.has_answered is False
    assert [reason] == store.refusals()


@then("the archiving is done")
def archiving_done(archiving: Archiving) -> None:
    assert DONE == archiving.outcome.status, str(archiving.outcome)


@then(parsers.parse("the archive is as it was, as {criterion} demands"))
def archive_unchanged(archiving: Archiving, criterion: str, policy: Policy, journal: Journal) -> None:
    changed = archiving.before.items() ^ archiving.after.items()
    journal.measure(criterion, len(changed))

    assert set() == changed
    assert policy.criterion(criterion).objective.met_by(len(changed))


@then("nothing was added to the archive")
def nothing_added(store: ClusterStore, archived: dict[str, bytes]) -> None:
    assert store.is_archiving() is False
    assert archived == catalogue.contents(store.keeping.archive)
