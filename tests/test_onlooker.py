"""An onlooker sees every argument of every program, and is in nobody's way."""

import subprocess
from types import SimpleNamespace

import pytest

from drill.secrecy.onlooker import Onlooker


@pytest.fixture
def onlooker(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "speak"
    program.write_text('#!/bin/sh\ncat\nprintf "%s." "$@"\nexit 7\n')
    program.chmod(0o755)
    (programs / "no-program").write_text("")
    return Onlooker.beside(SimpleNamespace(programs=programs, workspace=SimpleNamespace(directory=tmp_path)))


def spoken(onlooker, *words):
    command = ["sh", "-c", 'exec speak "$@"', "sh", *words]
    return subprocess.run(
        command, env={"PATH": onlooker.search_path}, input=b"heard ", capture_output=True, check=False
    )


def test_a_password_among_the_arguments_is_seen(onlooker):
    spoken(onlooker, "-a", "secret word")

    assert [["speak", "-a", "secret word"]] == onlooker.seen()


def test_whoever_is_watched_does_what_it_always_did(onlooker):
    said = spoken(onlooker, "a b", "")

    assert (7, b"heard a b..", b"") == (said.returncode, said.stdout, said.stderr)


def test_nothing_that_was_called_is_nothing_seen(onlooker):
    assert [] == onlooker.seen()


def test_a_line_break_hides_nothing(onlooker):
    spoken(onlooker, "one\ntwo")

    assert "two" in " ".join(word for words in onlooker.seen() for word in words)
