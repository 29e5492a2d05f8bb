"""images/build says what it lacks and what to do about it, and touches nothing then."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "images" / "build"


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BUILD, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def stub_engine(tmp_path: Path) -> str:
    """A PATH on which the docker command answers, knows no image and notes what it is asked to make."""
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\ncase $1 in version) ;; image) exit 1 ;; *) echo "$@" >>{tmp_path}/made ;; esac\n')
    docker.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def test_an_unknown_argument_is_a_wrong_argument() -> None:
    done = build("--forse")

    assert 2 == done.returncode
    assert done.stderr.startswith("usage: images/build [--force] [")


def test_an_image_that_there_is_no_stand_in_for_is_a_wrong_argument() -> None:
    assert 2 == build("postgres:16").returncode


def test_an_engine_that_does_not_answer_is_named_with_the_remedy() -> None:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command")

    done = build(DOCKER_HOST="tcp://127.0.0.1:1", DOCKER_CONTEXT="")

    assert 1 == done.returncode
    assert done.stderr.startswith("error: no Docker engine answers (")
    assert done.stderr.endswith("; start one, or name it in DOCKER_HOST\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may build")
def test_an_ordinary_user_is_told_to_become_root(stub_engine: str) -> None:
    done = build(PATH=stub_engine)

    assert 1 == done.returncode
    assert "error: only root can make a Debian root directory; run: sudo images/build\n" == done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets as far as the mirror")
@pytest.mark.parametrize(("images", "suite"), [([], "forky"), (["postgres:17"], "trixie")])
def test_an_archive_without_the_suite_is_named_and_nothing_is_made(
    stub_engine: str, tmp_path: Path, images: list[str], suite: str
) -> None:
    if shutil.which("debootstrap", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("there is no debootstrap")

    done = build(*images, PATH=stub_engine, DEBIAN_MIRROR="http://127.0.0.1:9/debian")

    assert 1 == done.returncode
    assert f"carries Debian's suite {suite}: http://127.0.0.1:9/debian; name a mirror" in done.stderr
    assert not (tmp_path / "made").exists()
