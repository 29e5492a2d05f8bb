"""Steps about attacks and mistakes: nothing is lost, and what is there is wrong."""

from collections.abc import Callable, Mapping

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.damage import mistakes
from drill.damage.attack import carry_out
from drill.disasters import estate as estates
from drill.disasters.attack import Attack, write_on
from drill.disasters.estate import DATABASE, Estate, database
from drill.disasters.plan import Disaster, Handling, handle
from drill.evidence.journal import Journal
from drill.losses.ledger import Ledger
from drill.notifications import Messenger
from drill.notifications.receivers import Mailbox
from drill.policy import Policy
from drill.recoveries.comparison import compared, written
from drill.recoveries.moments import BACKUP_END, Moment
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.sites import Site
from drill.stores import ClusterStore, Store

MISTAKES: dict[str, tuple[Callable[[ClusterStore], None], str]] = {
    "every count was deleted where a few were meant": (mistakes.delete_without_where, "time"),
    "a release has left neither the old schema nor the new": (mistakes.fail_release, "restore point"),
}
"""What people do to the database, and how the moment just before is named to the recovery."""
WORKED = range(100)
UNREACHABLE = 2
"""Segments of the log that an attacker reaches."""


@given("the whole estate has been backed up twice, and written to since", target_fixture="estate")
def backed_up_twice(policy: Policy, stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    once = estates.back_up(policy, stores, runbook=runbook)
    return estates.work(estates.back_up_again(once, runbook=runbook), DATABASE, WORKED)


@given("the core of the estate has been backed up twice", target_fixture="estate")
def core_backed_up_twice(policy: Policy, core_stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    once = estates.back_up(policy, core_stores, runbook=runbook)
    return estates.back_up_again(once, runbook=runbook)


@given("the core of the estate has been backed up twice, and written to since", target_fixture="estate")
def core_worked_with(policy: Policy, core_stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    return estates.work(core_backed_up_twice(policy, core_stores, runbook), DATABASE, WORKED)


@given(
    parsers.parse("an attacker has made all data worthless and {done} the newest backups, and the schedule goes on"),
    target_fixture="attack",
)
def attacked(estate: Estate, runbook: Runbook, done: str) -> Attack:
    return carry_out(estate, done, runbook=runbook)


@given("its database has been written to once more", target_fixture="ledger")
def written_to_once_more(estate: Estate) -> Ledger:
    return write_on(database(estate, DATABASE), after=len(WORKED), writes=10, segments=UNREACHABLE)


@given(
    parsers.parse(
        "the log of that was {log} by an attacker who has made all data worthless, as were the newest backups"
    ),
    target_fixture="attack",
)
def attacked_with_log(estate: Estate, runbook: Runbook, log: str) -> Attack:
    return carry_out(estate, log, segments=UNREACHABLE, runbook=runbook)


@given(
    parsers.parse(
        "an attacker has made all data worthless, {done} every backup here and what there is of the log, and hidden "
        "the copies"
    ),
    target_fixture="attack",
)
def attacked_everywhere(estate: Estate, runbook: Runbook, site: Site, done: str) -> Attack:
    return carry_out(estate, done, segments=UNREACHABLE, site=site, runbook=runbook)


@when("the attack is discovered and the plan is carried out with the copies", target_fixture="handling")
def attack_handled_with_copies(attack: Attack, runbook: Runbook, messenger: Messenger, site: Site) -> Handling:
    return handle(_discovered(attack), attack.estate, runbook=runbook, messenger=messenger, site=site)


@when("the attack is discovered and the plan is carried out", target_fixture="handling")
def attack_handled(attack: Attack, runbook: Runbook, messenger: Messenger) -> Handling:
    return handle(_discovered(attack), attack.estate, runbook=runbook, messenger=messenger)


def _discovered(attack: Attack) -> Disaster:
    target = f"time:{attack.at.isoformat()}"
    return Disaster("all data is worthless", tuple(attack.estate), {DATABASE: target}, clean_until=attack.at)


@when("the plan is carried out as if every backup were clean", target_fixture="handling")
def attack_handled_in_good_faith(attack: Attack, runbook: Runbook, messenger: Messenger) -> Handling:
    return handle(
        Disaster("all data is worthless", tuple(attack.estate)), attack.estate, runbook=runbook, messenger=messenger
    )


@then(parsers.parse("every system is as it was just before the attack, as {criterion} demands"))
@then(
    parsers.parse(
        "every system is as it was before, the database when its log could last be trusted, as {criterion} demands"
    )
)
def as_before_the_attack(attack: Attack, handling: Handling, criterion: str, policy: Policy, journal: Journal) -> None:
    found = [each for system in attack.estate.values() for each in compared(system.store, system.good)]
    journal.measure(criterion, len(found))

    assert [] == attack.unharmed
    assert [] == found
    assert set(attack.estate) == set(handling.recovered)
    assert policy.criterion(criterion).objective.met_by(len(found))


@when("the plan is carried out to the end of the newest backup that can be trusted", target_fixture="handling")
def attack_handled_by_backup_alone(attack: Attack, runbook: Runbook, messenger: Messenger) -> Handling:
    disaster = Disaster("all data is worthless", tuple(attack.estate), {DATABASE: BACKUP_END}, clean_until=attack.at)
    return handle(disaster, attack.estate, runbook=runbook, messenger=messenger)


@when("the database is recovered to just before the attack all the same", target_fixture="recovery")
def recovered_all_the_same(attack: Attack, runbook: Runbook) -> Recovery:
    system = attack.estate[DATABASE]
    target = f"time:{attack.at.isoformat()}"
    return lose_and_recover(system.store, system.good, backup_id=attack.older[DATABASE], runbook=runbook, target=target)


@then(
    parsers.parse(
        "the writes whose log can be trusted are there, and what is lost of the others is told and meets {criterion}"
    )
)
def rest_of_writes_is_told(
    attack: Attack,
    handling: Handling,
    ledger: Ledger,
    users: Mailbox,
    criterion: str,
    policy: Policy,
    journal: Journal,
) -> None:
    loss = ledger.loss(written(attack.estate[DATABASE].store), disaster_at=handling.recoveries[DATABASE].declared_at)
    end = handling.impacts[DATABASE].reach
    journal.measure(criterion, loss.window)

    assert (len(WORKED), (), ()) == (loss.oldest, loss.holes, loss.invented)
    assert end is not None
    assert f"The counting service: Recovered, {DATABASE} only as of {end.moment}" == users.received[-1].subject
    assert policy.criterion(criterion).objective.met_by(loss.window)


@then("writes whose log can be trusted are found to be missing")
def too_short(attack: Attack, handling: Handling, ledger: Ledger) -> None:
    store = attack.estate[DATABASE].store
    loss = ledger.loss(written(store), disaster_at=handling.recoveries[DATABASE].declared_at)

    assert loss.spares(len(WORKED)) is False
    assert [] != compared(store, attack.estate[DATABASE].good)


@then("no backup was used that the attacker could have touched")
def no_touched_backup_used(attack: Attack, handling: Handling) -> None:
    used = {name: handling.impacts[name].restore_point for name in attack.estate}

    assert {} == {name: point for name, point in used.items() if point is None or point in attack.unusable(name)}
    assert dict.fromkeys(attack.estate, 2) == {name: len(handling.impacts[name].distrusted) for name in attack.estate}


@then("no system is taken for recovered")
def none_is_recovered(handling: Handling) -> None:
    assert () == handling.recovered


@given(parsers.parse("a mistake has been made: {mistake}"), target_fixture="moment")
def mistake_made(estate: Estate, mistake: str) -> Moment:
    store = database(estate, DATABASE)
    moment = store.mark("before-the-mistake")
    MISTAKES[mistake][0](store)
    store.archive_now()
    return moment


@when(parsers.parse("it is reported and the plan is carried out: {mistake}"), target_fixture="handling")
def mistake_handled(estate: Estate, moment: Moment, mistake: str, runbook: Runbook, messenger: Messenger) -> Handling:
    disaster = Disaster(mistake, (DATABASE,), {DATABASE: moment.target(MISTAKES[mistake][1])})
    return handle(disaster, estate, runbook=runbook, messenger=messenger)


@then(parsers.parse("every system is as it was just before, as {criterion} demands"))
def as_just_before(estate: Estate, handling: Handling, criterion: str, policy: Policy, journal: Journal) -> None:
    found = [each for system in estate.values() for each in compared(system.store, system.good)]
    journal.measure(criterion, len(found))

    assert [] == found
    assert (DATABASE,) == handling.recovered
    assert policy.criterion(criterion).objective.met_by(len(found))


@then("what came back is found to differ")
def found_to_differ(estate: Estate, handling: Handling) -> None:
    assert [] != compared(estate[DATABASE].store, estate[DATABASE].good)


@when("it is recovered to its end, the mistake with it", target_fixture="handling")
def recovered_with_mistake(estate: Estate, moment: Moment, runbook: Runbook, messenger: Messenger) -> Handling:
    return handle(Disaster("a mistake was made", (DATABASE,)), estate, runbook=runbook, messenger=messenger)
