"""Steps about databases that hold whatever people put into databases."""

from collections.abc import Iterator

from pytest_bdd import given, parsers, then, when

from drill import any_content
from drill.backups.backup import Backup
from drill.evidence.journal import Journal
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.recoveries.comparison import compared
from drill.recoveries.unlogged import Unlogged, set_apart
from drill.servers.postgres import PostgresServer
from drill.stores import ClusterStore, Store


@given("a database that holds one of everything", target_fixture="store")
def one_of_everything(postgres: PostgresServer) -> Iterator[Store]:
    with any_content.one_of_everything(postgres) as store:
        yield store


@given("a database with content that is made up at random", target_fixture="store")
def made_up(postgres: PostgresServer, settings: Settings) -> Iterator[Store]:
    with any_content.made_up(postgres, seed=settings.chance) as store:
        yield store


@given("it also holds one of everything, and content that is made up at random")
def also_holds(store: ClusterStore, settings: Settings) -> None:
    any_content.add_to(store.server, seed=settings.chance)


@when("what no log knows is set apart", target_fixture="unlogged")
def unlogged_set_apart(store: ClusterStore, backup: Backup) -> Unlogged:
    return set_apart(store, backup)


@then(parsers.parse("all else is exactly what was backed up, as {criterion} demands"))
def all_else_is_the_same(unlogged: Unlogged, backup: Backup, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(unlogged.others), source_bytes=backup.source_bytes)

    assert () == unlogged.others
    assert policy.criterion(criterion).objective.met_by(len(unlogged.others))


@then("its unlogged tables are there, empty and numbered anew")
def unlogged_are_as_new(unlogged: Unlogged) -> None:
    assert frozenset() != unlogged.held
    assert frozenset() == unlogged.kept


@then("it is refused for one difference")
def refused_for_one_difference(store: Store, backup: Backup) -> None:
    assert 1 == len(compared(store, backup))
