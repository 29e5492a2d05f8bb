"""Whatever others may do with what is kept is found, and what they may not is not accused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drill.damage.modes import OPENINGS, lay_open
from drill.errors import DrillError
from drill.secrecy.privacy import exposed
from tests.procedures import Target as Store
from tests.procedures import runbook_with, script
from tests.repositories import written


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "redis"
    home.mkdir()
    written(home)
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return home


@settings(database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mode=st.integers(0, 0o777), place=st.integers(0, 10))
def test_a_place_is_found_if_and_only_if_others_may_do_something(home, mode, place):
    places = sorted([home, *home.rglob("*")])
    victim = places[place % len(places)]
    before = victim.stat().st_mode
    victim.chmod(mode | 0o700)
    found = exposed(home)
    victim.chmod(before)

    assert ([f"{victim.relative_to(home.parent)}: {mode | 0o700:04o}"] if mode & 0o077 else []) == found


def test_a_link_is_not_accused(home):
    (home / "link").symlink_to(home)

    assert [] == exposed(home)


@pytest.mark.parametrize("what", OPENINGS)
def test_whatever_is_laid_open_is_found(home, what):
    lay_open(written(home), what)
    (backup,) = [path for path in home.iterdir() if path.is_dir()]
    for path in backup.rglob("*"):
        if path.stat().st_mode & 0o777 == 0o644:
            path.chmod(0o600)

    assert exposed(home)


def test_nobody_opens_what_nobody_knows(home):
    with pytest.raises(DrillError, match="nobody lets others 'eat it'"):
        lay_open(written(home), "eat it")


def test_nothing_is_no_proof(tmp_path):
    with pytest.raises(DrillError, match="is no directory"):
        exposed(tmp_path / "nothing")


def test_a_command_begins_with_the_umask_that_it_is_given(tmp_path):
    runbook = runbook_with(tmp_path, backup=script(tmp_path / "backup", 'umask; echo "{\\"id\\": \\"$(umask)\\"}"'))

    assert "0000" == runbook.with_umask(0).back_up(Store()).result["id"]
    assert "0027" == runbook.with_umask(0o027).back_up(Store()).result["id"]
