"""Steps about databases that hold whatever people put into databases."""

from collections.abc import Iterator

from pytest_bdd import given, then

from drill import any_content
from drill.backup import Backup
from drill.comparison import compared
from drill.plugins.session import Settings
from drill.servers.postgres import PostgresServer
from drill.stores import Store


@given("a database that holds one of everything", target_fixture="store")
def one_of_everything(postgres: PostgresServer) -> Iterator[Store]:
    with any_content.one_of_everything(postgres) as store:
        yield store


@given("a database with content that is made up at random", target_fixture="store")
def made_up(postgres: PostgresServer, settings: Settings) -> Iterator[Store]:
    with any_content.made_up(postgres, seed=settings.seed) as store:
        yield store


@then("it is refused for one difference")
def refused_for_one_difference(store: Store, backup: Backup) -> None:
    assert 1 == len(compared(store, backup))
