"""A pruning that is killed half way: what it should not leave is noticed."""

import pytest

from drill.backups.pruning import kill_half_way
from drill.commands.runbook import DONE
from drill.errors import DrillError
from tests.procedures import script
from tests.repositories import written
from tests.test_calendar import SET, runbook_keeping_the_term

DAYS = 40
NEVER_ENDS = "exec sleep 600"


@pytest.fixture
def killed(tmp_path):
    """Kills this pruning script half way; the run after it does nothing."""

    def kill(text):
        once = f"if test -e {tmp_path}/ran; then exit 0; fi; touch {tmp_path}/ran; cd {SET}; set -- *-full; {text}"
        runbook = runbook_keeping_the_term(tmp_path, prune=script(tmp_path / "prune", once))
        original = written(runbook.repository / "redis")
        return kill_half_way(original, runbook=runbook, procedure="redis", days=DAYS)

    return kill


def test_a_promised_backup_that_has_gone_is_noticed(killed):
    found = killed(f"rm -r $1 ${{41}}; {NEVER_ENDS}")

    assert 1 == len(found.missing)
    assert () == found.damaged


def test_a_backup_that_is_half_removed_in_sight_is_noticed(killed):
    found = killed(f"rm -r $2/data; mv $1 .expired-$1; {NEVER_ENDS}")

    assert ["file-missing"] == [each.rpartition(": ")[2] for each in found.damaged]


def test_what_the_next_run_leaves_is_noticed(killed):
    found = killed(f"mv $1 .expired-$1; {NEVER_ENDS}")

    assert ((), ()) == (found.missing, found.damaged)
    assert (DONE, 9) == (found.then.status, len(found.left))


def test_a_command_that_ends_by_itself_was_not_killed(killed):
    with pytest.raises(DrillError, match="not killed half way"):
        killed("true")
