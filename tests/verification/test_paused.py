"""A restored server that waits to be told how to go on is told from one that is still on its way."""

from drill.policy import Command
from drill.rehearsal.record import Record
from drill.rehearsal.rehearsal import MOMENT
from drill.verification import verify
from drill.verification.verification import Request
from tests.verification.conftest import targets_of

NAME = "postgres-physical"
PAUSE = """echo "recovery_target_action = pause" >> "$RESTORE_TARGET"/postgresql.auto.conf"""


def test_a_recovery_that_pauses_at_its_target_is_told_as_that(rehearsed, runtime, clusters, settings):
    sound = settings.policy.procedures[NAME]
    script = f"{sound.restore} && {PAUSE}"
    pausing = sound.model_copy(update={"restore": Command(script, ("sh", "-c", script))})
    policy = settings.policy.model_copy(update={"procedures": {**settings.policy.procedures, NAME: pausing}})
    newest = Record.read(rehearsed).sets[NAME].backups[-1].id
    request = Request(only=NAME, backup=newest, moment=f"name:{MOMENT}")
    with targets_of(runtime, clusters, settings) as targets:
        report = verify(rehearsed, policy=policy, targets=targets, request=request)

    (found,) = report.findings
    assert ("NOT-RECOVERED", True) == (found.id, "pauses at its recovery target" in found.what)
