"""Steps about what the catalogue tells of stored backups."""

from pytest_bdd import parsers, then, when

from drill.backups.backup import Backup
from drill.backups.chain import Chain
from drill.backups.listing import Listing, looked_up, unlike
from drill.commands.runbook import DONE, FAILED, Runbook
from drill.evidence.journal import Journal
from drill.plugins.session import Settings
from drill.policy import Policy


@when("what is stored is looked up in the catalogue", target_fixture="listing")
def stored_is_looked_up(runbook: Runbook, settings: Settings) -> Listing:
    return looked_up(runbook.repository, policy=settings.policy_path)


@then("it tells of these sets, and that all of it holds:")
def tells_of_sets(listing: Listing, datatable: list[list[str]]) -> None:
    _, *rows = datatable

    assert rows == [[found["name"], str(found["points"]), str(found["chains"])] for found in listing.sets]
    assert (DONE, []) == (listing.outcome.status, listing.flaws)


@then(parsers.parse("every backup is listed with its chain, its age, its term and its size, as {criterion} demands"))
def listed_as_taken(
    listing: Listing, chain: Chain, backup: Backup, criterion: str, policy: Policy, journal: Journal
) -> None:
    taken = [*chain.values(), backup]
    wrong = unlike(listing, taken[:-1], taken[-1:], term=policy.retention.minimum)
    share = 1 - len(wrong.keys() & {each.id for each in taken}) / len(taken)
    journal.measure(criterion, share)

    assert {} == wrong
    assert policy.criterion(criterion).objective.met_by(share)


@then("every one of them is listed as read, and as found right")
def listed_as_read(listing: Listing, chain: Chain) -> None:
    wanted = {backup.id: (True, True) for backup in chain.values()}

    assert wanted == {name: (told["last_read"] is not None, told["holds"]) for name, told in listing.backups.items()}


@then("these do not hold, and nothing else is named:")
def do_not_hold(listing: Listing, chain: Chain, datatable: list[list[str]]) -> None:
    _, *rows = datatable

    assert sorted((chain[link].id, flaw) for link, flaw in rows) == listing.flaws
    assert FAILED == listing.outcome.status


@then(parsers.parse('the backup does not hold by "{flaw}", and nothing else is named'))
def backup_does_not_hold(listing: Listing, backup: Backup, flaw: str) -> None:
    assert [(backup.id, flaw)] == listing.flaws
    assert FAILED == listing.outcome.status
