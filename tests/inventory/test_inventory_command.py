"""``dr-drill catalogue``: the inventory for people and for programs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from tests.inventory.stored import DAY, SEGMENTS, named
from tests.repositories import LAST_NIGHT


def run(*words):
    return CliRunner().invoke(app, ["catalogue", *map(str, words)], env={"COLUMNS": "200"})


def test_the_command_shows_a_person_what_there_is(repository, home, chain, log):
    shown = run(repository)

    assert 0 == shown.exit_code
    assert "All of it holds." in shown.stdout
    for text in (*chain, "redis", "write-ahead log", SEGMENTS[-1]):
        assert text in shown.stdout


def test_only_the_newest_and_the_flawed_are_shown_unless_all_are_wanted(repository, home):
    places = [named(home, finished=LAST_NIGHT - days * DAY) for days in range(12)]
    (places[11] / "small").unlink()
    shown, everything = run(repository), run(repository, "--all")

    assert 1 == shown.exit_code
    assert places[10].name not in shown.stdout
    assert places[11].name in shown.stdout
    assert "1 older ones that hold are not shown" in shown.stdout
    assert places[10].name in everything.stdout


def test_the_command_tells_a_program_the_same(repository, home, chain, log):
    (home / chain[0] / "small").unlink()
    told = run(repository, "--json")
    whole = json.loads(told.stdout)
    (redis,) = whole["sets"]

    assert (1, False, False) == (told.exit_code, whole["holds"], redis["holds"])
    assert [*chain, redis["backups"][3]["id"]] == [each["id"] for each in redis["backups"]]
    assert [1, 2, 3, 1] == [each["chain"] for each in redis["backups"]]
    assert "file-missing" == redis["backups"][0]["flaws"][0]["kind"]
    assert 6 == redis["log"]["archived"]


def test_one_set_can_be_looked_at_alone(repository, home, backup):
    named(repository / "postgres")
    told = json.loads(run(repository, "--set", "redis", "--json").stdout)

    assert ["redis"] == [each["name"] for each in told["sets"]]


@pytest.mark.parametrize("words", [("nowhere",), ("repository", "--set", "rdis")])
def test_what_is_not_there_is_wrong_usage(tmp_path, backup, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    refused = run(*words)

    assert 2 == refused.exit_code
    assert refused.stderr.startswith("error: ")


def test_an_empty_repository_holds(repository):
    repository.mkdir()

    assert 0 == run(repository).exit_code
    assert [] == json.loads(run(repository, "--json").stdout)["sets"]


def test_ages_are_counted_from_now(repository, backup):
    told = json.loads(run(repository, "--json").stdout)
    age = timedelta(seconds=told["sets"][0]["backups"][0]["age"])

    assert abs(datetime.now(UTC) - LAST_NIGHT - age) < timedelta(minutes=5)
