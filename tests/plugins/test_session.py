"""The run as a whole: its options, its policy and what it says before it begins."""

import pytest

from drill.plugins.session import SETTINGS
from tests.evidence.rehearsal import rehearsal

DRILL = """
Feature: A drill that needs a server

  @RTO-DB
  Scenario: It holds
    Given a drill on a runtime
    Then it holds
"""


@pytest.fixture
def started(pytester, monkeypatch):
    """Starts pytest in a project of its own and returns what it said and how it ended."""
    monkeypatch.delenv("DR_DRILL_RUNTIME", raising=False)
    rehearsal(pytester.path, DRILL)

    def start(*options):
        result = pytester.runpytest_inprocess("features", *options)
        return int(result.ret), result.stdout.str() + result.stderr.str()

    return start


@pytest.fixture
def settings(pytester, monkeypatch):
    """The settings that a command line leads to."""
    monkeypatch.delenv("DR_DRILL_RUNTIME", raising=False)
    rehearsal(pytester.path)
    return lambda *options: pytester.parseconfigure(*options).stash[SETTINGS]


def test_what_nobody_says_is_taken_from_the_policy(settings, pytester):
    found = settings("--runtime=embedded")

    assert (found.policy.estate.seed, found.policy.estate.scale) == (found.seed, found.scale)
    assert pytester.path / "policy.toml" == found.policy_path
    assert pytester.path / "reports" == found.reports


def test_the_command_line_outweighs_the_policy(settings, pytester):
    found = settings("--runtime=embedded", "--seed=0", "--scale=3", "--reports=elsewhere")

    assert (0, 3) == (found.seed, found.scale)
    assert pytester.path / "elsewhere" == found.reports


def test_chance_decides_otherwise_in_each_run_unless_it_is_told_what(settings):
    assert settings("--runtime=embedded").chance != settings("--runtime=embedded").chance
    assert 0 == settings("--runtime=embedded", "--chance=0").chance


def test_the_command_line_outweighs_the_environment(settings, monkeypatch):
    monkeypatch.setenv("DR_DRILL_RUNTIME", "docker")

    assert "embedded" == settings("--runtime=embedded").resolution.name


def test_the_environment_outweighs_the_policy(settings, monkeypatch):
    monkeypatch.setenv("DR_DRILL_RUNTIME", "embedded")

    assert "embedded" == settings().resolution.name


def test_every_criterion_is_a_marker(started):
    _, said = started("--runtime=embedded", "--markers")

    assert "@pytest.mark.RTO-DB: " in said


def test_the_header_says_what_is_drilled_on_what_and_why(started, pytester):
    _, said = started("--runtime=embedded", "--collect-only", "--seed=5", "--chance=7")

    assert f"policy: {pytester.path / 'policy.toml'} (" in said
    assert "runtime: embedded (asked for)" in said
    assert "estate: seed 5, scale 1" in said
    assert "chance: seed 7 (the same again: --chance=7)" in said


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--policy=missing.toml", "missing.toml: cannot be read (No such file or directory)"),
        ("--scale=0", "'0' is no whole number from 1 on"),
        ("--scale=many", "'many' is no whole number from 1 on"),
        ("--seed=x", "invalid int value: 'x'"),
        ("--runtime=cloud", "invalid choice: 'cloud'"),
        ("--image=postgres", "'postgres' is no engine and image, as in postgres=postgres:17"),
        ("--image=postgres=postgres", "runtime.images.postgres: 'postgres' names no fixed version"),
        ("--image=postgre=postgres:17", "'postgre' is no engine with an image; did you mean 'postgres'?"),
    ],
)
def test_what_makes_no_sense_is_refused(started, option, message):
    status, said = started("--runtime=embedded", option)

    assert 4 == status
    assert message in said
    assert "Traceback" not in said


def test_an_unknown_runtime_in_the_environment_is_refused(started, monkeypatch):
    monkeypatch.setenv("DR_DRILL_RUNTIME", "cloud")
    status, said = started()

    assert 4 == status
    assert "DR_DRILL_RUNTIME=cloud: choose one of auto, docker, embedded" in said


def test_a_policy_that_says_what_cannot_be_is_refused(started, pytester):
    policy = pytester.path / "policy.toml"
    policy.write_text(policy.read_text().replace('rto = "4 h"', 'rto = "4 fortnights"'))
    status, said = started("--runtime=embedded")

    assert 4 == status
    assert "tiers.critical.rto: '4 fortnights' has the unknown unit" in said


def test_an_image_asks_for_containers_and_outweighs_the_policy(settings, monkeypatch):
    resolved = []
    monkeypatch.setattr("drill.plugins.session.resolve", lambda *asked, **_: resolved.append(asked))
    found = settings("--image=postgres=postgres:17")

    assert [("docker", {"postgres": "postgres:17", "redis": "redis:8"})] == resolved
    assert "postgres:17" == found.policy.runtime.images["postgres"]


def test_an_image_that_embedded_servers_cannot_be_leaves_all_unproven_and_says_why(started):
    status, said = started("--runtime=embedded", "--image=postgres=postgres:17")

    assert 3 == status
    assert "runtime: none (embedded servers come from wheels and cannot be those of an image; use --runtime" in said
    assert "unproven" in next(line for line in said.splitlines() if line.startswith("  RTO-DB"))


def test_a_runtime_that_cannot_be_had_leaves_all_unproven_and_says_why(started, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    status, said = started("--runtime=docker")

    assert 3 == status
    assert "runtime: none (no container engine answers" in said
    assert "start one" in said
    assert "unproven" in next(line for line in said.splitlines() if line.startswith("  RTO-DB"))
