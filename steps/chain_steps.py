"""Steps about a full backup and the increments that build on it."""

import pytest
from pytest_bdd import given, parsers, then, when

from drill.backups import backup as backups
from drill.backups.chain import Chain, longest_scheduled, take_chain
from drill.backups.kept import KeptChain
from drill.commands.runbook import Runbook
from drill.damage import damage_link
from drill.evidence.journal import Journal
from drill.plugins.estate import SERVERS
from drill.policy import Policy
from drill.recoveries.comparison import compared
from drill.recoveries.moments import BACKUP_END
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import IncrementalStore, Store


@given("a chain of a full backup and three increments has been taken", target_fixture="chain")
@when("a chain of a full backup and three increments is taken", target_fixture="chain")
def chain_taken(store: IncrementalStore, runbook: Runbook) -> Chain:
    return take_chain(store, runbook=runbook)


@given("the camera-counting server, of which a chain has been taken and kept", target_fixture="store")
def server_with_kept_chain(kept_chain: KeptChain, request: pytest.FixtureRequest) -> Store:
    request.node.stash.setdefault(SERVERS, []).append(kept_chain.store.server)
    return kept_chain.store


@given("its chain of a full backup and three increments", target_fixture="chain")
def its_chain(kept_chain: KeptChain, runbook: Runbook, store: Store) -> Chain:
    return kept_chain.chain_in(runbook.set_of(store))


@given(parsers.parse("the second increment has since been {kind}"))
def second_increment_damaged(store: Store, chain: Chain, runbook: Runbook, kind: str) -> None:
    first, second = chain["the first increment"], chain["the second increment"]
    damage_link(second.stored, kind, sibling=lambda: backups.take(store, runbook=runbook, parent=first).stored)


@when(parsers.parse("it is lost and recovered as of {link}"), target_fixture="recovery")
def recovered_as_of(store: Store, chain: Chain, runbook: Runbook, link: str) -> Recovery:
    return lose_and_recover(store, chain[link], backup_id=chain[link].id, runbook=runbook, target=BACKUP_END)


@then(parsers.parse("it holds exactly what it held at {link}, as {criterion} demands"))
def holds_what_it_held(store: Store, chain: Chain, link: str, criterion: str, policy: Policy, journal: Journal) -> None:
    found = compared(store, chain[link])
    journal.measure(criterion, len(found), source_bytes=chain[link].source_bytes)

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then(parsers.parse("it is as it was at {link}"))
def holds_the_same(store: Store, chain: Chain, link: str) -> None:
    assert [] == compared(store, chain[link])


@then("every increment is smaller than the full backup")
def increments_are_smaller(chain: Chain) -> None:
    full, *increments = [backup.stored.manifest.stored_bytes for backup in chain.values()]

    assert max(increments) < full


@then("no chain that the schedule makes is longer")
def no_chain_is_longer(store: Store, chain: Chain, policy: Policy) -> None:
    _full, *increments = chain

    assert len(increments) >= longest_scheduled(policy, store.procedure) > 0
