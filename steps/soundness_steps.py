"""Steps about damage below the rows of a database server."""

from pytest_bdd import given, parsers, then, when

from drill.damage import damage_server
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.soundness import Damage, damages
from drill.stores import DatabaseStore


@given(parsers.parse("on it {kind}"))
def damaged(store: DatabaseStore, kind: str) -> None:
    damage_server(store.server, kind)


@when("it is examined", target_fixture="found")
def examined(store: DatabaseStore) -> list[Damage]:
    return damages(store.server)


@then(parsers.parse("it is free of damage, as {criterion} demands"))
def free_of_damage(store: DatabaseStore, criterion: str, policy: Policy, journal: Journal) -> None:
    found = damages(store.server)
    journal.measure(criterion, len(found), source_bytes=store.size())

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then(parsers.parse('the damage is found as "{finding}"'))
def found_as(found: list[Damage], finding: str) -> None:
    assert finding in {damage.id for damage in found}
