"""Steps about what only a cache has: sessions that end, memory limits, replicas, a server's own settings."""

from datetime import timedelta
from pathlib import Path

from pytest_bdd import given, parsers, then, when

from drill.arbitrary import Survival, survive
from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.commands.runbook import Outcome, Runbook
from drill.damage import forgetful
from drill.datasets import cache
from drill.evidence.journal import Journal
from drill.fingerprints.discretion import discreet
from drill.losses.exposure import Exposure, exposed
from drill.losses.protection import OBSTACLES, SUCCESSORS, WRONG_PASSWORD
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.recoveries.comparison import compared, expired
from drill.recoveries.interrupted import write_to_successor
from drill.recoveries.promotion import Promotion, lose_and_promote, replica_of
from drill.recoveries.recovery import Recovery, restore_onto
from drill.runtimes import Runtime
from drill.secrecy.onlooker import Onlooker
from drill.servers.redis import RedisServers
from drill.stores import CacheStore
from drill.waiting import Patience, eventually

REWRITES = "auto-aof-rewrite-percentage"
BRIEF = timedelta(seconds=3)
MEANWHILE = "counter:meanwhile"


@given("some of its sessions are about to end", target_fixture="brief")
def sessions_about_to_end(store: CacheStore) -> tuple[str, ...]:
    with store.server.client(cache.SESSIONS) as client:
        return cache.begin_brief_sessions(client, lasting=BRIEF)


@given("these sessions have ended since")
def sessions_have_ended(store: CacheStore, brief: tuple[str, ...]) -> None:
    with store.server.client(cache.SESSIONS) as client:
        eventually("the sessions to end", lambda: not client.exists(*brief), Patience.SESSIONS_ENDED)


@given(parsers.parse("its successor {habit}"))
def successor(store: CacheStore, habit: str) -> None:
    store.server.configure(SUCCESSORS[habit])


@given("the server's disk takes no more")
def disk_takes_no_more(store: CacheStore) -> None:
    store.server.refuse_writes()


@given("the backup's user may do everything but copy")
def may_not_copy(store: CacheStore) -> None:
    store.misinformation = store.server.admit("copier", without=("psync", "sync"))


@given("the file has been switched off")
def switched_off(store: CacheStore) -> None:
    store.set("appendonly", "no")


@given("a replica that follows it", target_fixture="replica")
def replica_that_follows(store: CacheStore, redis_servers: RedisServers) -> CacheStore:
    return replica_of(store, redis_servers)


@given("everything has been deleted by mistake")
def deleted_by_mistake(store: CacheStore, replica: CacheStore) -> None:
    store.clear()
    eventually("the replica to delete everything", lambda: not replica.indexes(), Patience.REPLICA_FOLLOWED)


@when("each protection of the cache is put to the test:", target_fixture="exposures")
def put_to_the_test(datatable: list[list[str]], redis_servers: RedisServers, runbook: Runbook) -> list[Exposure]:
    _, *pairs = datatable
    return exposed(pairs, servers=redis_servers, runbook=runbook)


@given("every recovery forgets one write", target_fixture="policy")
def recoveries_forget(policy: Policy, store: CacheStore) -> Policy:
    return forgetful(policy, store.procedure)


@when(parsers.parse("a backup is attempted {obstacle}"), target_fixture="attempt")
def attempted_in_spite_of(store: CacheStore, runbook: Runbook, settings: Settings, obstacle: str) -> Outcome:
    store.misinformation = OBSTACLES[obstacle](settings.seed)
    return runbook.back_up(store)


@when("a backup is killed while the file is held still")
def killed_while_held_still(store: CacheStore, runbook: Runbook) -> None:
    runbook.kill_backup(store, once=lambda: store.setting(REWRITES) == "0")


@given("a counter has been written to the new server")
def counter_written(store: CacheStore) -> None:
    write_to_successor(store, MEANWHILE)


@when("random writes are made, lost and recovered several times", target_fixture="survival")
def random_writes(store: CacheStore, runbook: Runbook, settings: Settings) -> Survival:
    return survive(store, runbook=runbook, seed=settings.seed)


@when("it is lost and the replica is promoted", target_fixture="promotion")
def replica_promoted(store: CacheStore, replica: CacheStore, journal: Journal) -> Promotion:
    return lose_and_promote(store, replica, journal=journal)


@when("a restore onto the replica is attempted", target_fixture="recovery")
def restored_onto_replica(replica: CacheStore, runbook: Runbook, backup: Backup) -> Recovery:
    return restore_onto(replica, backup_id=backup.id, runbook=runbook)


@when(parsers.parse("one of its sessions was {mishap} on the way"), target_fixture="victim")
def befallen(store: CacheStore, mishap: str) -> str:
    with store.server.client(cache.SESSIONS) as client:
        return discreet(cache.befall(client, mishap))


@then("these sessions count as ended and not as lost")
def count_as_ended(store: CacheStore, backup: Backup, brief: tuple[str, ...]) -> None:
    assert [f"expired key {', '.join(brief)}"] == expired(store, backup)


@then("this session does not count as ended, but is found wrong")
def found_wrong(store: CacheStore, backup: Backup, victim: str) -> None:
    assert [] == expired(store, backup)
    assert [[victim]] == [[key.split(" ", 2)[2] for key in found.keys] for found in compared(store, backup)]


@then("it has again:")
def has_again(store: CacheStore, datatable: list[list[str]]) -> None:
    _, *rows = datatable

    assert dict(rows) == cache.kinds(store.server.client)


@then(parsers.parse("the successor {habit} as it did before"))
def keeps_habit(store: CacheStore, habit: str) -> None:
    assert SUCCESSORS[habit] == {name: store.setting(name) for name in SUCCESSORS[habit]}


@then("it rewrites its file by itself as before")
def rewrites_as_before(store: CacheStore) -> None:
    assert "100" == store.setting(REWRITES)


@then("the dashboard may read counters and nothing else")
def dashboard_may(store: CacheStore) -> None:
    with store.server.client() as client:
        may = cache.allowed(client)

    assert {"read a counter"} == {what for what, allowed in may.items() if allowed}


@then("no password is in the backup, nor in what the commands said")
def no_password(backup: Backup, recovery: Recovery, settings: Settings, store: CacheStore) -> None:
    secrets = {cache.password(settings.seed), store.environment()["REDISCLI_AUTH"]}
    told = [*catalogue.contents(backup.stored.directory).values(), str(backup.outcome).encode()]

    assert [] == [
        secret for secret in secrets for text in [*told, str(recovery.outcome).encode()] if secret.encode() in text
    ]


@then("no password is in what the command said")
def no_password_said(attempt: Outcome, settings: Settings, store: CacheStore) -> None:
    secrets = [cache.password(settings.seed), store.server.environment()["REDISCLI_AUTH"], WRONG_PASSWORD]

    assert [] == [secret for secret in secrets if secret in str(attempt)]


@given("somebody watches the process list", target_fixture="onlooker")
def process_list_watched(store: CacheStore, runtime: Runtime) -> Onlooker:
    onlooker = Onlooker.beside(runtime)
    store.misinformation = {"PATH": onlooker.search_path}
    return onlooker


@then("no password was ever to be seen there")
def no_password_seen(onlooker: Onlooker, settings: Settings, store: CacheStore) -> None:
    seen = onlooker.seen()
    secrets = {cache.password(settings.seed), store.server.environment()["REDISCLI_AUTH"]}

    assert {"redis-cli"} <= {Path(words[0]).name for words in seen}
    assert [] == [words for words in seen for secret in secrets if secret in " ".join(words)]


@then(parsers.parse("every key and function is as before the loss, as {criterion} demands"))
def as_before_the_loss(promotion: Promotion, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(promotion.of_data))

    assert [] == promotion.of_data
    assert policy.criterion(criterion).objective.met_by(len(promotion.of_data))


@then("users and settings are the replica's own")
def users_and_settings_are_its_own(promotion: Promotion) -> None:
    assert {f"user {cache.USER}", *(f"setting {name}" for name in (*cache.SETTINGS, "maxmemory"))} == {
        found.where for found in promotion.of_server
    }


@then("it gives its first answer as before the loss")
def answers_as_before(promotion: Promotion) -> None:
    assert promotion.healthy == promotion.recovery.answer


@then(parsers.parse("the time of the promotion meets {criterion}"))
def promotion_time_meets(promotion: Promotion, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, promotion.recovery.took)

    assert policy.criterion(criterion).objective.met_by(promotion.recovery.took)


@then(parsers.parse("each had more than {number:d} writes a second acknowledged"))
def rate_of_each(exposures: list[Exposure], number: int) -> None:
    assert [] == [each for each in exposures if each.rate <= number]


@then("each lost no more than it may at worst")
def lost_no_more_than_at_worst(exposures: list[Exposure]) -> None:
    assert [] == [each for each in exposures if not each.within]


@then(parsers.parse("the worst that each may lose meets {criterion}"))
def worst_of_each_meets(exposures: list[Exposure], criterion: str, policy: Policy, journal: Journal) -> None:
    for each in exposures:
        journal.measure(criterion, each.loss.window, projected=each.worst)

    assert [] == [each for each in exposures if not policy.criterion(criterion).objective.met_by(each.worst)]


@then("this counter is still there")
def counter_still_there(store: CacheStore) -> None:
    with store.server.client() as client:
        assert b"1" == client.get(MEANWHILE)


@then("every time all of it came back")
def all_came_back(survival: Survival) -> None:
    assert None is survival.lost
    assert survival.times > 0


@then("it is noticed that something did not come back")
def noticed(survival: Survival) -> None:
    assert None is not survival.lost


@then("the promoted replica holds nothing")
def promoted_holds_nothing(replica: CacheStore) -> None:
    assert [] == replica.indexes()


@then("its data survives the next crash")
def survives_crash(store: CacheStore, backup: Backup) -> None:
    store.crash()

    assert [] == [found for found in compared(store, backup) if found.where.startswith("keys ")]
