"""Steps about what is scheduled, held against what is promised."""

from pytest_bdd import given, parsers, then, when

from drill import consistency
from drill.consistency import Consistency
from drill.damage.schedule import due_on_the_last_day, slipped
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.timetable.trial import Written, written


@given(parsers.parse("a policy in which {slip}"), target_fixture="policy")
def policy_with_slip(policy: Policy, slip: str) -> Policy:
    return slipped(policy, slip)


@given(parsers.parse('nothing is on record about "{contradiction}"'), target_fixture="policy")
def nothing_on_record(policy: Policy, contradiction: str) -> Policy:
    return policy.without_record_of(contradiction)


@given(parsers.parse('"{contradiction}" is on record as well'), target_fixture="policy")
def on_record(policy: Policy, contradiction: str) -> Policy:
    return policy.with_record_of(contradiction)


@given("a policy with something due on the last day of a month", target_fixture="policy")
def due_on_the_last(policy: Policy) -> Policy:
    return due_on_the_last_day(policy)


@when(parsers.parse("the schedule is written for {scheduler}"), target_fixture="timetable")
def written_for(policy: Policy, scheduler: str) -> Written:
    return written(policy, scheduler)


@when("the schedule is held against the promises", target_fixture="held_against")
def held_against_promises(policy: Policy) -> Consistency:
    return consistency.tried(policy)


@then(parsers.parse("every contradiction is on record, as {criterion} demands"))
def all_on_record(held_against: Consistency, criterion: str, policy: Policy, journal: Journal) -> None:
    found = held_against.differences
    journal.measure(criterion, len(found))

    assert [] == found
    assert policy.criterion(criterion).objective.met_by(len(found))


@then(parsers.parse('it contradicts itself: "{contradiction}"'))
def contradicts_itself(held_against: Consistency, contradiction: str) -> None:
    assert contradiction in {each.id for each in held_against.contradictions}


@then(parsers.parse('that says that "{said}"'))
def says_that(held_against: Consistency, said: str) -> None:
    assert [] != [each.what for each in held_against.contradictions if said in each.what]


@then(parsers.parse("{procedure} loses {window} at worst, which is {judged}"))
def loses_at_worst(held_against: Consistency, procedure: str, window: str, judged: str) -> None:
    standing = held_against.standing(procedure)

    assert (window, judged) == (standing.loss_text, "within its promise" if standing.keeps else "more than promised")


@then(parsers.parse('the record is refused as "{difference}"'))
def record_refused(held_against: Consistency, difference: str) -> None:
    assert difference in held_against.differences


@then("everything that is scheduled is in it, and nothing else")
def everything_is_in_it(timetable: Written, policy: Policy) -> None:
    assert ([], "") == (timetable.left_out(policy), timetable.problem)


@then(parsers.parse('it is not written, as it "{problem}"'))
def not_written(timetable: Written, problem: str) -> None:
    assert {} == timetable.files
    assert problem in timetable.problem
