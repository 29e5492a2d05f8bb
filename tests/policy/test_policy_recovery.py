"""[[recovery]]: an order that keeps every `after`, and what cannot be one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.policy.problems import UnreadableValue
from drill.policy.recovery import RecoveryStep, ordered


def step(name: str, *after: str) -> RecoveryStep:
    return RecoveryStep(procedure=name, after=after, tier="critical")


def names(steps) -> list[str]:
    return [each.procedure for each in steps]


@given(data=st.data())
@settings(database=None, deadline=None)
def test_everything_comes_after_what_it_waits_for(data):
    known = data.draw(st.lists(st.sampled_from("abcdefg"), unique=True))
    steps = [
        step(name, *data.draw(st.lists(st.sampled_from(known[:number]), unique=True)) if number else ())
        for number, name in enumerate(known)
    ]
    found = names(ordered(data.draw(st.permutations(steps))))

    assert sorted(known) == sorted(found)
    assert all(found.index(each) < found.index(one.procedure) for one in steps for each in one.after)


def test_what_waits_for_nothing_stays_in_the_order_of_the_file():
    assert ["c", "a", "b"] == names(ordered([step("c"), step("a"), step("b")]))
    assert ["a", "c", "b"] == names(ordered([step("c", "a"), step("a"), step("b")]))


def test_a_circle_is_named():
    with pytest.raises(UnreadableValue, match=r"[ab] → [ab] → [ab]"):
        ordered([step("a", "b"), step("b", "a"), step("c")])


def test_the_shipped_policy_has_the_machine_first_and_secrets_before_the_database_before_the_application(policy):
    found = names(policy.recovery)
    wanted = ["system", "security-configuration", "configuration", "postgres-physical", "application-state"]

    assert wanted == [each for each in found if each in wanted]
    assert "system" == found[0]


def test_in_the_shipped_policy_the_application_waits_for_every_server_that_it_asks(policy):
    servers = [each.procedure for each in policy.recovery if policy.procedures[each.procedure].data == "database"]
    (state,) = (each for each in policy.recovery if each.procedure == "application-state")

    assert ["postgres-physical", "redis"] == servers
    assert servers == list(state.after)


def test_the_shipped_policy_s_order_of_recovery_leaves_nothing_out(policy):
    steps = [policy.procedures[step.procedure] for step in policy.recovery]
    kept = {place for each in policy.procedures.values() for place in each.covers}

    assert set(policy.data) == {each.data for each in steps}
    assert {each.engine for each in policy.procedures.values()} == {each.engine for each in steps}
    assert kept == {place for each in steps for place in each.covers}
