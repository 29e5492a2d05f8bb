"""Steps about the commands that the written document itself has, and about what is on record of them."""

from collections.abc import Mapping
from pathlib import Path

from pytest_bdd import given, parsers, then, when

from drill import documented
from drill.documented import Trial
from drill.evidence.journal import Journal
from drill.fingerprints import Fingerprint, differences
from drill.hosts import AppHost
from drill.machines import LostMachine
from drill.policy import Policy
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServers
from drill.stores import DatabaseStore


@given(parsers.parse("nothing is on record against the documented {name}"), target_fixture="policy")
def nothing_on_record(policy: Policy, name: str) -> Policy:
    return policy.with_deviations(_identifier(name))


@given(parsers.parse("it is on record about the documented {name} that {deviation}"), target_fixture="policy")
def on_record(policy: Policy, name: str, deviation: str) -> Policy:
    return policy.with_deviations(_identifier(name), deviation)


@when(parsers.parse("the documented {name} is tried"), target_fixture="trial")
def tried(store: DatabaseStore, policy: Policy, clusters: PostgresClusters, name: str) -> Trial:
    return documented.tried(_identifier(name), store=store, policy=policy, clusters=clusters)


@when(parsers.parse("the documented {name} is carried out on caches"), target_fixture="trial")
def tried_on_caches(redis_servers: RedisServers, policy: Policy, name: str) -> Trial:
    return documented.tried_on_cache(_identifier(name), policy=policy, servers=redis_servers)


@when(parsers.parse("the documented {name} is carried out on a host"), target_fixture="trial")
def tried_on_host(app_host: AppHost, source_repository: Path, policy: Policy, name: str) -> Trial:
    return documented.tried_on_host(_identifier(name), policy=policy, host=app_host, repository=source_repository)


@given("a storage that has all files of a machine whose disk is lost", target_fixture="stored")
def stored_files(lost_machine: LostMachine) -> Fingerprint:
    return lost_machine.stored()


@given("the document said which disk is meant, and how it is laid out", target_fixture="policy")
def document_corrected(policy: Policy) -> Policy:
    return documented.corrected(policy)


@when(parsers.parse("the documented {name} is carried out on a machine"), target_fixture="trial")
def tried_on_machine(documented_recovery: Mapping[str, tuple[str, ...]], policy: Policy, name: str) -> Trial:
    return documented.tried_on_machine(_identifier(name), policy=policy, found=documented_recovery)


@when("the machine is recovered as the document has it", target_fixture="found")
def recovered_as_documented(lost_machine: LostMachine, policy: Policy) -> Mapping[str, tuple[str, ...]]:
    return documented.recovered_as_documented(lost_machine, policy=policy)


@then(parsers.parse("it turns out that {deviation}"))
def turns_out(trial: Trial, deviation: str) -> None:
    assert deviation in trial.found


@then(parsers.parse("all that is wrong with it is on record, as {criterion} demands"))
def all_on_record(trial: Trial, criterion: str, policy: Policy, journal: Journal) -> None:
    contradictions = trial.contradictions
    journal.measure(criterion, len(contradictions))

    assert [] == contradictions
    assert policy.criterion(criterion).objective.met_by(len(contradictions))


@then(parsers.parse("nothing is wrong with any of its commands, as {criterion} demands"))
def nothing_wrong(found: Mapping[str, tuple[str, ...]], criterion: str, policy: Policy, journal: Journal) -> None:
    wrong = [each for findings in found.values() for each in findings]
    journal.measure(criterion, len(wrong))

    assert [] == wrong
    assert policy.criterion(criterion).objective.met_by(len(wrong))


@then("the machine starts by itself, and its application answers")
def application_answers(lost_machine: LostMachine) -> None:
    assert lost_machine.ask().startswith("site ")


@then("it holds exactly what was on the storage")
def holds_what_was_stored(lost_machine: LostMachine, stored: Fingerprint) -> None:
    assert [] == differences(stored, lost_machine.held())


@then(parsers.parse('the record is refused: "{contradiction}"'))
def record_refused(trial: Trial, contradiction: str) -> None:
    assert contradiction in trial.contradictions


def _identifier(name: str) -> str:
    return name.replace(" ", "-")
