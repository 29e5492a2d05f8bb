"""Steps about backups that only whoever has the key can read."""

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.damage import damage_key, damage_log_key
from drill.evidence.journal import Journal
from drill.machines import MachineStore
from drill.policy import Policy
from drill.recoveries.moments import Moment
from drill.runtimes import Runtime
from drill.secrecy import legibility
from drill.secrecy.encryption import encrypted, rotated, unencrypted, with_age
from drill.secrecy.legibility import Search
from drill.sites import Site
from drill.stores import CacheStore, ClusterStore, DatabaseStore, HostStore, SourceStore

HERE, THERE = "here", "at the other site"
AFTER_CHANGE = 50


@given("backups are encrypted", target_fixture="policy")
def are_encrypted(policy: Policy, runtime: Runtime) -> Policy:
    return encrypted(policy, workspace=runtime.workspace)


@given("backups are encrypted, and so is the log", target_fixture="policy")
def log_is_encrypted(policy: Policy, runtime: Runtime) -> Policy:
    return with_age(encrypted(policy, workspace=runtime.workspace))


@given("backups are not encrypted", target_fixture="policy")
def are_not_encrypted(policy: Policy) -> Policy:
    return unencrypted(policy)


@given("a new key has taken the place of the old one", target_fixture="runbook")
def key_rotated(runbook: Runbook) -> Runbook:
    return runbook.with_policy(rotated(runbook.policy))


@given("the key has been changed, and its log has gone on under the new one", target_fixture="moment")
def log_goes_on(store: ClusterStore, policy: Policy) -> Moment:
    store.change_key(rotated(policy))
    return store.go_on(AFTER_CHANGE)


@given(parsers.parse("the keys of the log have since been {kind}"))
def log_key_damaged(store: ClusterStore, kind: str) -> None:
    damage_log_key(store.keeping, kind)


@given(parsers.parse("all keys have since been {kind}"))
@given(parsers.parse("the key has since been {kind}"))
def key_damaged(policy: Policy, kind: str) -> None:
    damage_key(policy, kind)


@when("what is stored is searched for what the database holds", target_fixture="searched")
@when("what is stored is searched for what the host guards", target_fixture="searched")
def stored_is_searched(store: DatabaseStore | HostStore, runbook: Runbook) -> Search:
    return legibility.search(runbook.set_of(store), store.canaries())


@when("what is stored, here and at the other site, is searched for what the store guards", target_fixture="searches")
def both_searched(
    store: CacheStore | DatabaseStore | HostStore | MachineStore | SourceStore, runbook: Runbook, site: Site
) -> dict[str, Search]:
    wanted = store.canaries()
    return {HERE: legibility.search(runbook.set_of(store), wanted), THERE: legibility.search_site(site, wanted)}


@when("the log, here and at the other site, is searched for what was written to it", target_fixture="searches")
def log_searched(store: ClusterStore, site: Site) -> dict[str, Search]:
    wanted = store.log_canaries()
    return {HERE: legibility.search(store.keeping.archive, wanted), THERE: legibility.search_site(site, wanted)}


@then(parsers.parse("nothing of it can be read at either place, as {criterion} demands"))
def nothing_legible_anywhere(searches: dict[str, Search], criterion: str, policy: Policy, journal: Journal) -> None:
    found = [f"{place}: {each}" for place, searched in searches.items() for each in searched.found]
    journal.measure(criterion, len(found))

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then("all of it can be read at both places")
def all_legible_everywhere(searches: dict[str, Search]) -> None:
    wanted = {place: searched.wanted for place, searched in searches.items()}

    assert wanted == {place: {each.what for each in searched.found} for place, searched in searches.items()}


@then(parsers.parse("nothing of it can be read, as {criterion} demands"))
def nothing_legible(searched: Search, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(searched.found))

    assert [] == list(map(str, searched.found))
    assert policy.criterion(criterion).objective.met_by(len(searched.found))


@then("all of it can be read")
def all_legible(searched: Search) -> None:
    assert searched.wanted == {each.what for each in searched.found}
