"""``dr-drill notify``: the channels of a disaster are tried, by messages that nobody can take for one of a disaster."""

import pytest
from typer.testing import CliRunner

from drill import cli
from drill.notifications.receivers import NOBODY, mailbox, webhook
from tests.evidence.rehearsal import REPOSITORY

TEAM, USERS = "DR_DRILL_TEAM_CHANNEL", "DR_DRILL_USERS_CHANNEL"
BOTH = ("--audience", "team", "--audience", "users")


@pytest.fixture
def receivers(monkeypatch):
    """Whom the variables of the policy name."""
    with webhook() as team, mailbox() as users:
        monkeypatch.setenv(TEAM, team.address)
        monkeypatch.setenv(USERS, users.address)
        yield team, users


def notify(*arguments, policy=REPOSITORY / "policy.toml"):
    return CliRunner().invoke(cli.app, ["notify", f"--policy={policy}", *arguments])


def test_the_team_is_told_that_it_is_a_test_and_users_are_told_nothing(receivers):
    team, users = receivers
    ran = notify()

    assert 0 == ran.exit_code, ran.output
    assert {"[TEST] Disaster: none, this is a test", "[TEST] Nothing has happened: none, this is a test"} == {
        each.subject for each in team.received
    }
    assert all(each.body.startswith("This is a test of the channel. Nothing has happened") for each in team.received)
    assert [] == users.received


def test_users_are_told_where_that_is_asked_for(receivers):
    team, users = receivers

    assert 0 == notify(*BOTH).exit_code
    assert (2, 2) == (len(team.received), len(users.received))


@pytest.mark.parametrize(
    ("address", "why"), [(NOBODY, "onnection error"), ("no address", "does not know such an address")]
)
def test_a_channel_that_does_not_work_is_told(receivers, monkeypatch, address, why):
    _, users = receivers
    monkeypatch.setenv(TEAM, address)
    ran = notify(*BOTH)

    assert 1 == ran.exit_code
    assert why in ran.output
    assert address not in ran.output
    assert 2 == len(users.received), "one that is down keeps nobody else from being told"


def test_a_variable_that_is_not_set_is_told(monkeypatch):
    monkeypatch.delenv(TEAM, raising=False)
    ran = notify()

    assert 1 == ran.exit_code
    assert f"{TEAM} is not set" in ran.output


def test_a_policy_that_tells_nobody_is_wrong_usage(tmp_path):
    text = (REPOSITORY / "policy.toml").read_text("utf-8")
    (tmp_path / "policy.toml").write_text(text.replace('audience = "users"', 'audience = "team"'), "utf-8")
    for name in ("docs", "features", "backup_scripts"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    ran = notify("--audience", "users", policy=tmp_path / "policy.toml")

    assert 2 == ran.exit_code
    assert "no message is for users; add [[notifications]] to the policy" in ran.output
