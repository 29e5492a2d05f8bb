"""Secrets planted where a drill can meet them appear in nothing that it writes, says or hands on."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import typst

from drill.datasets import host
from drill.evidence import keys
from drill.secrecy.encryption import make_key
from tests.disasters import canaries
from tests.disasters.canaries import CANARY, SOUND, SPOILED, TOLD, TOLD_OF_FAILURES, found
from tests.disasters.spoiling import TOKENS
from tests.procedures import SHIPPED

ROWS = b"User.1@example.invalid"
"""What only those who are let into the database may read."""
JUDGED = ("backup_scripts.postgres_restore", "backup_scripts.files_archive", "bin/postgres", "valkey-server")
"""Commands of the policy, and the servers."""
RESTORED = ("postgres_restore", "redis_restore", "files_restore", "offsite_copy", "offsite_fetch")
"""The scripts of which each has had a secret in its hands."""


@pytest.fixture(scope="module")
def drills(tmp_path_factory):
    """Two drills with secrets all around: one that restores what was backed up, one that finds something else there."""
    secrets = tmp_path_factory.mktemp("secrets")
    pair = keys.create(secrets / "pair")
    identity = secrets / "backup.key"
    recipient = make_key(identity)
    root = tmp_path_factory.mktemp("canaries")
    projects = {
        name: canaries.project(root / f"{name}-project", recipient=recipient, identity=identity)
        for name in ("sound", "spoiled")
    }
    canaries.spoil(projects["spoiled"])
    with ThreadPoolExecutor(2) as pool:
        running = {
            name: pool.submit(canaries.drilled, root / name, projects[name], chosen, told=told, signing=pair.private)
            for name, chosen, told in (("sound", SOUND, TOLD), ("spoiled", SPOILED, TOLD_OF_FAILURES))
        }
        return SimpleNamespace(identity=identity, pair=pair, **{name: each.result() for name, each in running.items()})


@pytest.fixture(scope="module")
def seen(drills):
    return [*drills.sound.seen, *drills.spoiled.seen]


@pytest.fixture(scope="module")
def kept(drills, tmp_path_factory):
    """What lies in files, servers and key files of these drills."""
    root = tmp_path_factory.mktemp("host")
    host.seed(root, seed=SHIPPED.estate.seed, scale=1)
    tokens = (drills.spoiled.project / TOKENS).read_text("ascii").split()
    return {
        ".env": host.password(root),
        "a user's SSH key": (root / "home/an/.ssh/id_ed25519").read_bytes(),
        "the signing key": drills.pair.private.read_bytes().splitlines()[1],
        "the secret key of age": drills.identity.read_bytes().strip(),
        "a row": ROWS,
        **{f"session {number}": token.encode() for number, token in enumerate(tokens)},
    }


@pytest.fixture(scope="module")
def guarded(kept, seen):
    """All of it, with what came by the environment, and what the drill hands to its own commands."""
    return kept | canaries.handed(seen) | {"the environment": CANARY.encode()}


def test_the_drills_were_ones(drills, seen):
    assert "2 passed" in drills.sound.said, drills.sound.said
    # Of the criteria that they stand for, neither measured anything.
    assert 3 == drills.sound.status, drills.sound.said
    assert "4 failed" in drills.spoiled.said, drills.spoiled.said
    assert [] == [name for name in RESTORED if not any(f"backup_scripts.{name}" in each.argv for each in seen)]


def test_what_they_were_to_keep_to_themselves_was_there(drills, guarded, seen):
    assert {"REDISCLI_AUTH", "OFFSITE_SECRET_ACCESS_KEY"} <= {name.partition(" ")[0] for name in guarded}
    assert any(guarded["the secret key of age"].decode() in file for each in seen for file in each.files)
    assert 300 == sum(name.startswith("session ") for name in guarded)
    # Two of the four restore files of others, which only root can.
    spoilt = 4 if os.geteuid() == 0 else 2
    assert spoilt == drills.spoiled.said.count("\nE   AssertionError: assert [] == [Difference(where=")


@pytest.mark.parametrize(("drill", "told"), [("sound", TOLD), ("spoiled", TOLD_OF_FAILURES)])
def test_no_report_log_result_or_output_holds_a_secret(drills, guarded, drill, told):
    held = canaries.written(getattr(drills, drill).place)

    assert {".html", ".json", ".jsonl", ".md", ".pdf", ".xml", ".txt", ".sqlite"} <= {
        Path(name).suffix for name in held
    }
    assert {f"{name}.txt" for name in told} <= held.keys()
    assert [] == [name for name in told if b"Traceback" in held[f"{name}.txt"]]
    assert [] == found(guarded, held)


def test_a_secret_that_was_written_down_is_found_in_any_form(guarded):
    secret = guarded["the secret key of age"]
    coded = [base64.b64encode(b"x" * before + secret + b"and so on") for before in range(3)]

    assert [["the secret key of age in log"]] * 5 == [
        found(guarded, {"log": b"said: " + form}) for form in [secret, secret.hex().encode(), *coded]
    ]


def test_a_secret_that_is_set_in_type_is_found(guarded, tmp_path):
    (tmp_path / "page.typ").write_text(f'#"{guarded["a row"].decode()}"', "utf-8")
    (tmp_path / "page.pdf").write_bytes(typst.compile(tmp_path / "page.typ"))
    (tmp_path / "page.typ").unlink()

    assert ["a row in page.pdf"] == found(guarded, canaries.written(tmp_path))


def test_no_command_line_shows_a_secret(guarded, seen):
    assert [] == found(guarded, {each.argv: each.argv.encode("utf-8", "surrogateescape") for each in seen})


def test_no_environment_holds_what_lies_in_files_and_rows(kept, seen):
    assert [] == found(kept, {f"{number}: {each.argv}": each.surroundings for number, each in enumerate(seen)})


def test_no_command_and_no_server_is_handed_a_secret_that_it_does_not_need(seen):
    judged = [each for each in seen if any(map(each.argv.count, JUDGED))]

    assert [] == [name for name in JUDGED if not any(name in each.argv for each in judged)]
    assert [] == sorted({each.argv for each in judged if CANARY.encode() in each.surroundings})
