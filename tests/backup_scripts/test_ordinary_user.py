"""What an ordinary user can keep and bring back of others' files, with fakeroot and without."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backup_scripts.locking import locked
from drill.datasets import source
from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import NOBODY, Ran, Scripts, replacing, reseal
from tests.backup_scripts.test_system_restore import (
    IDENTITY,
    ROOT,
    disk_of,
    is_blank,
    system,
    told,
    trees,
)
from tests.disks import needs_tools

__all__ = ["system", "trees"]

OWNERS = {"home": "0:0", "home/an": "1001:1001", "home/an/mật": "1001:42", "home/link": "1002:1002"}

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else"),
    pytest.mark.skipif(shutil.which("fakeroot") is None, reason="fakeroot is not installed"),
]


def hand_over(place: Path) -> None:
    """Give a tree to nobody, and let nobody get there."""
    for each in (place, *place.rglob("*")):
        os.chown(each, NOBODY, NOBODY, follow_symlinks=False)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Scripts]:
    """The scripts as nobody, with a source and a target that are nobody's."""
    place = Path("/var/tmp") / f"ordinary-{os.getpid()}-{tmp_path.name}"  # noqa: S108 - where nobody may go
    shutil.rmtree(place, ignore_errors=True)
    for name in ("repository", "source", "target"):
        (place / name).mkdir(parents=True)
    hand_over(place)
    environment = {"BACKUP_SOURCE": str(place / "source"), "RESTORE_TARGET": str(place / "target"), "HOME": str(place)}
    yield Scripts(place / "repository", environment).as_nobody()
    shutil.rmtree(place)


def in_one_session(files: Scripts, script: str) -> str:
    """Run a script as nobody in one session of fakeroot, which remembers owners for as long as it lasts."""
    contract = {
        "PYTHON": files.python,
        "BACKUP_REPOSITORY": str(files.repository),
        "BACKUP_SET": files.set,
        "PATH": os.environ["PATH"],
    }
    command = [*files.wrap, "fakeroot", "--", "sh", "-euc", script]
    done = subprocess.run(
        command, cwd=files.checkout, env={**contract, **files.environment}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


MAKE = """
cd "$BACKUP_SOURCE"
mkdir -p home/an && echo geheim > home/an/mật && chmod 640 home/an/mật && ln -s an home/link
chown 1001:1001 home/an && chown 1001:42 home/an/mật && chown -h 1002:1002 home/link
cd - >/dev/null
"""
ARCHIVE = '"$PYTHON" -m backup_scripts.files_archive home | sed "s/.*\\"id\\": *\\"\\([^\\"]*\\)\\".*/\\1/"'
RESTORE = '"$PYTHON" -m backup_scripts.files_restore'


def test_under_fakeroot_owners_are_recorded_and_a_restore_that_would_only_seem_one_is_refused(files):
    """Owners and access lists that come back under fakeroot are gone when it ends."""
    said = in_one_session(
        files, f'{MAKE} id=$({ARCHIVE}); {RESTORE} $id && exit 9 || echo "ended with $?"; ls -A "$RESTORE_TARGET"'
    )
    (backup,) = (path for path in files.home.iterdir() if path.is_dir())

    assert sorted(set(OWNERS.values())) == json.loads((backup / "manifest.json").read_bytes())["source"]["owners"]
    assert ["ended with 3"] == said.splitlines(), "and nothing was left in the target"


def test_without_it_the_same_backup_is_refused_and_says_whose_the_files_are(files):
    backup = in_one_session(files, f"{MAKE} {ARCHIVE}").strip()
    ran = files.run("files_restore", backup)

    assert (3, "needs-root") == (ran.status, ran.slug), ran.said
    assert "0:0" in ran.said
    assert [] == list(Path(files.environment["RESTORE_TARGET"]).iterdir())


HOARDING = """
import fcntl, os, subprocess, sys
pipes = []
try:
    while True:
        pipes.append(os.pipe())
        fcntl.fcntl(pipes[-1][0], fcntl.F_SETPIPE_SZ, 1 << 20)
except PermissionError:
    sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""
"""Has as many wide pipes as a user may have; what it runs then may widen none."""
LIMIT = Path("/proc/sys/fs/pipe-user-pages-soft")


@pytest.mark.skipif(LIMIT.read_text() == "0\n", reason="here a user may have any number of wide pipes")
def test_who_may_have_no_more_wide_pipes_backs_up_and_restores_all_the_same(files):
    for name in ("home/an/one", "home/one"):
        place = Path(files.environment["BACKUP_SOURCE"]) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(name)
    hand_over(Path(files.environment["BACKUP_SOURCE"]))
    hoarding = files.under(*files.wrap, files.python, "-c", HOARDING)
    hoarding.done("files_restore", hoarding.done("files_archive", "home")["id"])

    assert "home/an/one" == (Path(files.environment["RESTORE_TARGET"]) / "home/an/one").read_text()


@pytest.fixture
def restoring(system: Scripts, trees: tuple[Path, Path], files: Scripts) -> Callable[[], tuple[Path, Ran]]:
    """Restores a machine as nobody, whose files are as they are by then; gives its disk and how that ended."""

    def restored() -> tuple[Path, Ran]:
        return _restored(system, trees, files)

    return restored


def _restored(system: Scripts, trees: tuple[Path, Path], files: Scripts) -> tuple[Path, Ran]:
    disk, scripts = _prepared(system, trees, files)
    return disk, scripts.run("system_restore", IDENTITY)


def _prepared(system: Scripts, trees: tuple[Path, Path], files: Scripts) -> tuple[Path, Scripts]:
    archive = str(system.home / IDENTITY / "partition-2.tar.zst")
    told(
        "tar",
        "-C",
        str(trees[1]),
        "-c",
        "--zstd",
        "--format=posix",
        "--xattrs",
        "--xattrs-include=*",
        "-f",
        archive,
        ".",
    )
    reseal(system.home / IDENTITY)
    disk = files.repository.parent / "disk"
    shutil.copy(disk_of(system), disk)
    shutil.copytree(system.home, files.home)
    hand_over(files.repository.parent)
    own = {"RESTORE_TARGET": str(disk), "TMPDIR": str(files.repository.parent)}
    return disk, files.on({**system.environment, **own})


@needs_tools
def test_a_machine_s_disk_is_built_with_the_owners_of_files(trees, restoring, tmp_path):
    os.chown(trees[1] / "etc/hostname", 1001, 42)
    disk, ran = restoring()
    root = tmp_path / "root.ext4"
    root.write_bytes(disk.read_bytes()[ROOT["start"] * 512 :])

    assert 0 == ran.status, ran.said
    assert "User:  1001   Group:    42" in told("debugfs", "-R", "stat /etc/hostname", str(root))


@needs_tools
def test_a_file_with_capabilities_takes_root_and_leaves_a_blank_disk(trees, restoring):
    program = trees[1] / "etc/program"
    program.write_bytes(b"\x7fELF")
    told("setcap", "cap_net_bind_service+ep", str(program))
    disk, ran = restoring()

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert "restore it as root" in ran.said
    assert is_blank(disk)


def end_what_remembers(place: Path) -> None:
    """End the daemon of a fakeroot that was killed and had a directory on its PATH; it is left behind."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().startswith("faked") and str(place) in (process / "environ").read_text():
                os.kill(int(process.name), signal.SIGTERM)


@needs_tools
def test_a_restore_that_was_killed_is_finished_by_the_next_run(system, trees, files):
    """What remembers the owners of files is no program that the next run has to wait for."""
    os.chown(trees[1] / "etc/hostname", 1001, 42)
    disk, restoring = _prepared(system, trees, files)
    place = disk.with_name("programs")
    slow = replacing("mke2fs", f"touch {place}/begun; sleep 1000", environment=restoring.environment, directory=place)
    hand_over(place)
    with restoring.on(slow).start("system_restore", IDENTITY) as process, disk.open("rb") as file:
        eventually("it writes", (place / "begun").exists, Patience.SERVER_READY)
        process.send_signal(signal.SIGKILL)
        process.wait()
        eventually("the last of it ends", lambda: locked(file.fileno(), fcntl.LOCK_EX), Patience.SERVER_READY)
        fcntl.flock(file, fcntl.LOCK_UN)
    ran = restoring.run("system_restore", IDENTITY)
    end_what_remembers(place)

    assert 0 == ran.status, ran.said
    assert any(disk.read_bytes()[: 1 << 9])


@needs_tools
def test_the_files_of_a_machine_take_root_and_leave_the_directory_empty(system, trees, files):
    _, restoring = _prepared(system, trees, files)
    tree = files.repository.parent / "target"
    ran = restoring.on({"RESTORE_TARGET": str(tree)}).run("system_restore", IDENTITY)

    assert (3, "needs-root") == (ran.status, ran.slug), ran.said
    assert [] == [*tree.iterdir(), *tree.parent.glob(".*")]


@needs_tools
def test_a_disk_of_root_is_refused_and_stays_as_it_is(system, trees, files):
    disk, restoring = _prepared(system, trees, files)
    os.chown(disk, 0, 0)
    disk.chmod(0o644)
    ran = restoring.run("system_restore", IDENTITY)

    assert (3, "target-missing") == (ran.status, ran.slug), ran.said
    assert is_blank(disk)


@pytest.fixture
def mirrored(files: Scripts) -> tuple[Scripts, str]:
    """The scripts as nobody, and a mirror that nobody has made."""
    repository = Path(files.environment["BACKUP_SOURCE"]) / "code.git"
    source.seed(repository, seed=7, scale=1)
    hand_over(repository)
    files = files.on({
        "BACKUP_SOURCE": str(repository),
        "RESTORE_TARGET": str(files.repository.parent / "target/restored.git"),
    })  # fmt: skip
    return files, files.done("source_mirror")["id"]


def test_where_one_may_not_write_no_repository_is_restored(mirrored):
    files, backup = mirrored
    place = Path(files.environment["RESTORE_TARGET"]).parent
    os.chown(place, 0, 0)
    ran = files.run("source_restore", backup)

    assert (1, "target-unwritable") == (ran.status, ran.slug), ran.said
    assert "let this user write there" in ran.said
    assert [] == list(place.iterdir())


@pytest.mark.parametrize(
    ("part", "reason"),
    [(".", "manifest-invalid"), ("manifest.json", "manifest-invalid"), ("refs.txt", "file-unreadable")],
)
def test_a_backup_that_one_may_not_read_is_refused_and_nothing_appears(mirrored, part, reason):
    files, backup = mirrored
    kept, place = files.home / backup / part, Path(files.environment["RESTORE_TARGET"]).parent
    os.chown(kept, 0, 0)
    kept.chmod(0o700 if kept.is_dir() else 0o600)
    ran = files.run("source_restore", backup)

    assert (3, reason) == (ran.status, ran.slug), ran.said
    assert "Permission denied" in ran.said
    assert [] == list(place.iterdir())
