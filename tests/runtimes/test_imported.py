"""A container of the files of a directory: it runs what is there, says what is there, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from drill.commands.search_path import system_path
from drill.errors import DrillError
from drill.runtimes.container_service import LABEL, ImportedService, sweep_containers
from drill.runtimes.owner import Owner
from drill.waiting import Patience, eventually


@pytest.fixture
def service(containers) -> Iterator[ImportedService]:
    """A container, not started, of the loader, a shell and what they need, out of this machine."""
    home = containers.workspace.make("imported")
    tree = home / "data"
    for program in ("sh", "chroot", "cat", "sleep"):
        plant(tree, program)
    (tree / "etc").mkdir()
    (tree / "etc/site").write_text("Cảng Hải Phòng\n", "utf-8")
    service = containers.service_of(
        ["/bin/sh", "-c", "cat /etc/site; sleep 600"], listens=80, home=home, port=containers.workspace.claim_port()
    )
    yield service
    service.discard()


def plant(tree: Path, program: str) -> None:
    path = shutil.which(program, path=system_path())
    assert path, program
    needs = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    files = {word for word in needs.split() if word.startswith("/")}
    for file in files:
        put(Path(file), tree / file.lstrip("/"))
    put(Path(path), tree / "bin" / program)


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    target.chmod(0o755)


def images() -> list[str]:
    client = docker.from_env()
    found = [image.id for image in client.images.list(filters={"label": f"{LABEL}={Owner.current()}"})]
    client.close()
    return found


def test_it_runs_and_tells_what_is_below_the_directory_and_goes_with_its_image(service):
    service.start()
    eventually("it to speak", lambda: "Cảng Hải Phòng" in service.read_log(), Patience.SERVER_READY)

    assert "Cảng Hải Phòng\n".encode() == service.run("cat /etc/site")
    assert 1 == len(images())
    service.discard()
    assert ([], False) == (images(), service.home.exists())


def test_a_script_that_fails_there_is_told_with_what_it_said(service):
    service.start()

    with pytest.raises(DrillError, match="No such file"):
        service.run("cat /etc/nothing")


def test_an_image_whose_owner_is_gone_is_swept_and_a_live_one_is_not(service):
    ended = subprocess.Popen(["true"])
    gone = Owner(Owner.current().boot, os.stat("/proc/self/ns/pid").st_ino, ended.pid, 1)  # noqa: PTH116
    ended.wait()
    service.start()
    client = docker.from_env()
    said = client.api.import_image(image=None, src=empty(service.home), changes=[f"LABEL {LABEL}={gone}"])
    left = said.partition("sha256:")[2][:12]

    assert left in " ".join(sweep_containers())
    assert 1 == len(images())
    client.close()


def empty(home: Path) -> str:
    archive = home / "empty.tar"
    subprocess.run(["tar", "--create", f"--file={archive}", "--files-from=/dev/null"], check=True)
    return str(archive)
