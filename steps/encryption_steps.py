"""Steps about backups that only whoever has the key can read."""

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.damage import damage_key
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.runtimes import Runtime
from drill.secrecy import legibility
from drill.secrecy.encryption import encrypted, rotated, unencrypted
from drill.secrecy.legibility import Search
from drill.stores import DatabaseStore, HostStore


@given("backups are encrypted", target_fixture="policy")
def are_encrypted(policy: Policy, runtime: Runtime) -> Policy:
    return encrypted(policy, workspace=runtime.workspace)


@given("backups are not encrypted", target_fixture="policy")
def are_not_encrypted(policy: Policy) -> Policy:
    return unencrypted(policy)


@given("a new key has taken the place of the old one", target_fixture="runbook")
def key_rotated(runbook: Runbook) -> Runbook:
    return runbook.with_policy(rotated(runbook.policy))


@given(parsers.parse("all keys have since been {kind}"))
@given(parsers.parse("the key has since been {kind}"))
def key_damaged(policy: Policy, kind: str) -> None:
    damage_key(policy, kind)


@when("what is stored is searched for what the database holds", target_fixture="searched")
@when("what is stored is searched for what the host guards", target_fixture="searched")
def stored_is_searched(store: DatabaseStore | HostStore, runbook: Runbook) -> Search:
    return legibility.search(runbook.set_of(store), store.canaries())


@then(parsers.parse("nothing of it can be read, as {criterion} demands"))
def nothing_legible(searched: Search, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(searched.found))

    assert [] == list(map(str, searched.found))
    assert policy.criterion(criterion).objective.met_by(len(searched.found))


@then("all of it can be read")
def all_legible(searched: Search) -> None:
    assert searched.wanted == {each.what for each in searched.found}
