"""postgres_wal archive and fetch: nothing is lost, nothing half written is seen, nothing damaged is replayed."""

import gzip
import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import CHECKOUT, Ran, Scripts, ended, replacing

NAME = "00000001000000000000002A"
STORED = f"{NAME}.gz"
DIFFERENT = 3
GIVES_UP = 200


class Wal:
    """The program with one set, and a segment to archive."""

    def __init__(self, scripts: Scripts, directory: Path) -> None:
        self.repository = scripts.repository
        self.place = scripts.home / "wal"
        self.stream = scripts.home / "stream"
        self.segment = directory / "segment"
        self.segment.write_bytes(os.urandom(100_000) + bytes(100_000))
        self.target = directory / "fetched"
        self.environment = {"PATH": os.environ["PATH"], "BACKUP_REPOSITORY": str(self.repository), "BACKUP_SET": "shop"}
        self.wrap: list[str] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.wrap, "sh", str(CHECKOUT / "backup_scripts" / "postgres_wal"), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> Ran:
        with self.start(*arguments) as process:
            return ended(process)

    def archive(self, segment: Path | None = None) -> Ran:
        return self.run("archive", str(segment or self.segment), NAME)

    def fetch(self, name: str = NAME) -> Ran:
        return self.run("fetch", name, str(self.target))

    def in_sight(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.place.iterdir() if not path.name.startswith(".")}


@pytest.fixture
def wal(scripts: Scripts, tmp_path: Path) -> Wal:
    return Wal(scripts, tmp_path)


@pytest.mark.parametrize("name", [NAME, "00000002.history", f"{NAME}.00000028.backup", f"{NAME}.partial"])
def test_what_is_archived_is_fetched(wal: Wal, name: str):
    archived, fetched = wal.run("archive", str(wal.segment), name), wal.fetch(name)

    assert (0, 0, "") == (archived.status, fetched.status, archived.said + fetched.said)
    assert wal.segment.read_bytes() == wal.target.read_bytes()
    assert {f"{name}.gz", "archive.sha256"} == wal.in_sight().keys()


def test_the_index_is_what_sha256sum_reads(wal: Wal):
    wal.archive()
    checked = subprocess.run(["sha256sum", "--check", "--strict", "archive.sha256"], cwd=wal.place, check=False)

    assert 0 == checked.returncode
    assert (
        f"{hashlib.sha256((wal.place / STORED).read_bytes()).hexdigest()}  {STORED}\n"
        == (wal.place / "archive.sha256").read_text()
    )


def test_the_same_segment_again_changes_nothing(wal: Wal):
    wal.archive()
    before = wal.in_sight()

    assert 0 == wal.archive().status
    assert before == wal.in_sight()


@pytest.mark.parametrize("left", ["", "0123abc  00000001000"])
def test_a_line_that_a_crash_kept_from_the_index_is_added(wal: Wal, left: str):
    wal.archive()
    before = wal.in_sight()
    (wal.place / "archive.sha256").write_text(left)
    wal.archive()
    lines = (wal.place / "archive.sha256").read_text()

    assert f"{left}\n{before['archive.sha256'].decode()}".lstrip() == lines


def test_another_segment_of_the_same_name_is_refused(wal: Wal, tmp_path):
    wal.archive()
    before = wal.in_sight()
    (tmp_path / "other").write_bytes(b"other" * 1000)
    ran = wal.archive(tmp_path / "other")

    assert (DIFFERENT, "segment-differs") == (ran.status, ran.slug)
    assert before == wal.in_sight()


def test_two_servers_at_once_archive_one_of_two_segments_and_never_a_mixture(wal: Wal, tmp_path):
    (tmp_path / "other").write_bytes(b"other" * 50_000)
    segments = [wal.segment, tmp_path / "other"] * 4
    processes = [wal.start("archive", str(segment), NAME) for segment in segments]
    statuses = {(segment.name, ended(process).status) for segment, process in zip(segments, processes, strict=True)}
    stored = gzip.decompress(wal.in_sight()[STORED])
    winner = next(segment for segment in segments if segment.read_bytes() == stored)

    assert {segment for segment, status in statuses if status == 0} <= {winner.name}
    assert 0 == wal.archive(winner).status


def test_a_full_disk_is_named_and_nothing_half_written_is_seen(full_disk: Scripts, wal: Wal):
    wal.wrap = list(full_disk.wrap)
    wal.segment.write_bytes(os.urandom(1_000_000))
    ran = wal.archive()

    assert (1, "disk-full") == (ran.status, ran.slug)
    assert {} == wal.in_sight()
    assert [] == list(wal.place.glob(".partial-*"))


def test_a_read_only_repository_is_named(read_only: Scripts, wal: Wal):
    ran = wal.archive()

    assert (1, "repository-unwritable") == (ran.status, ran.slug)


def test_a_repository_that_is_not_mounted_is_not_made(wal: Wal):
    wal.repository.rmdir()
    archived, fetched = wal.archive(), wal.fetch()

    assert (1, "repository-unwritable") == (archived.status, archived.slug)
    assert (GIVES_UP, "archive-missing") == (fetched.status, fetched.slug)
    assert not wal.repository.exists()


def test_a_killed_archiver_leaves_nothing_in_sight_and_the_next_one_clears_up(wal: Wal, tmp_path):
    gzip_begun = tmp_path / "begun"
    slow = f"touch {gzip_begun}; head -c 1000; sleep 60"
    usual = wal.environment
    wal.environment = replacing("gzip", slow, environment=usual, directory=tmp_path / "slow")
    with wal.start("archive", str(wal.segment), NAME) as process:
        eventually("it has begun", gzip_begun.exists, Patience.SERVER_READY)
        os.killpg(process.pid, signal.SIGKILL)
    left, wal.environment = wal.in_sight(), usual
    ran = wal.archive()

    assert {} == left
    assert 0 == ran.status
    assert {STORED, "archive.sha256"} == {path.name for path in wal.place.iterdir()}


def test_what_is_not_there_is_the_normal_end(wal: Wal):
    wal.archive()
    ran = wal.fetch("00000001000000000000002B")

    assert (1, None) == (ran.status, ran.slug)
    assert not wal.target.exists()


@pytest.mark.parametrize("name", ["wal", "stream"])
def test_a_log_that_this_user_may_not_enter_is_no_normal_end(wal: Wal, name: str):
    wal.archive()
    wal.stream.mkdir()
    (wal.stream.parent / name).chmod(0)
    wal.wrap = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    ran = wal.fetch("00000001000000000000002B")
    (wal.stream.parent / name).chmod(0o700)

    assert (GIVES_UP, "archive-missing") == (ran.status, ran.slug)


def test_a_stored_segment_whose_end_is_damaged_is_not_the_same_segment(wal: Wal):
    wal.archive()
    stored = (wal.place / STORED).read_bytes()
    (wal.place / STORED).write_bytes(stored[:-8] + bytes(4) + stored[-4:])
    ran = wal.archive()

    assert (DIFFERENT, "segment-differs") == (ran.status, ran.slug)


def test_what_was_archived_and_is_gone_is_no_normal_end(wal: Wal):
    wal.archive()
    (wal.place / STORED).unlink()
    ran = wal.fetch()

    assert (GIVES_UP, "wal-missing") == (ran.status, ran.slug)


def test_what_was_received_and_is_damaged_or_gone_is_never_given_to_the_server(wal: Wal):
    wal.stream.mkdir(parents=True)
    received = wal.stream / NAME
    received.write_bytes(wal.segment.read_bytes())
    record = f"{hashlib.sha256(received.read_bytes()).hexdigest()}  {NAME}\n"
    (wal.stream / "received.sha256").write_text(record)
    whole = wal.fetch()
    wal.target.unlink()
    content = bytearray(received.read_bytes())
    content[50_000] ^= 1
    received.write_bytes(content)
    damaged = wal.fetch()
    received.unlink()
    gone = wal.fetch()

    assert 0 == whole.status
    assert (GIVES_UP, "wal-damaged") == (damaged.status, damaged.slug)
    assert (GIVES_UP, "wal-missing") == (gone.status, gone.slug)
    assert not wal.target.exists()


@pytest.mark.parametrize("index", ["recorded", "not recorded"])
@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_what_is_damaged_is_never_given_to_the_server(wal: Wal, damage: str, index: str):
    wal.archive()
    stored = bytearray((wal.place / STORED).read_bytes())
    stored[50_000] ^= 1
    (wal.place / STORED).write_bytes(stored if damage == "flipped" else stored[:60_000])
    if index == "not recorded":
        (wal.place / "archive.sha256").unlink()
    ran = wal.fetch()

    assert (GIVES_UP, "wal-damaged") == (ran.status, ran.slug)
    assert not wal.target.exists()


def test_a_segment_that_was_exchanged_for_another_is_never_given_to_the_server(wal: Wal):
    wal.archive()
    (wal.place / STORED).write_bytes(gzip.compress(b"another whole segment"))
    ran = wal.fetch()

    assert (GIVES_UP, "wal-damaged") == (ran.status, ran.slug)
    assert not wal.target.exists()


def test_a_segment_that_was_being_received_is_found_last(wal: Wal):
    wal.archive()
    wal.stream.mkdir()
    (wal.stream / NAME).write_bytes(b"not this one")
    (wal.stream / "00000001000000000000002B").write_bytes(b"whole")
    (wal.stream / "00000001000000000000002B.partial").write_bytes(b"not this one")
    (wal.stream / "00000001000000000000002C.partial").write_bytes(b"unfinished")
    found = []
    for name in (NAME, "00000001000000000000002B", "00000001000000000000002C"):
        assert 0 == wal.fetch(name).status
        found.append(wal.target.read_bytes())

    assert [wal.segment.read_bytes(), b"whole", b"unfinished"] == found


def test_a_target_that_cannot_be_written_is_no_normal_end(wal: Wal):
    wal.archive()
    ran = wal.run("fetch", NAME, "/proc/none")

    assert GIVES_UP == ran.status


@pytest.mark.parametrize(
    "arguments",
    [[], ["archive"], ["fetch", NAME], ["receive", "x"], ["other"], ["archive", "x", "../y"], ["archive", "x", ".y"]],
)
def test_wrong_arguments_are_told(wal: Wal, arguments: list[str]):
    ran = wal.run(*arguments)

    assert (GIVES_UP if arguments[:1] == ["fetch"] else 2) == ran.status
    assert ran.said.startswith("error: wrong-")


def test_pruning_leaves_the_log_alone_and_takes_it_for_no_broken_backup(wal: Wal, scripts: Scripts):
    wal.archive()
    wal.stream.mkdir()
    pruned = scripts.run("retention_prune")

    assert [] == pruned.result["ignored"]
    assert ["stream", "wal"] == scripts.in_sight()
    assert {STORED, "archive.sha256"} == wal.in_sight().keys()


def test_the_program_runs_under_busybox(wal: Wal, tmp_path):
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("no busybox here")
    tools = tmp_path / "busybox"
    tools.mkdir()
    for tool in (
        "sh",
        "gzip",
        "sha256sum",
        "cut",
        "grep",
        "sed",
        "tail",
        "cmp",
        "sync",
        "mkdir",
        "ln",
        "rm",
        "mv",
        "cp",
    ):
        (tools / tool).symlink_to(busybox)
    wal.environment["PATH"] = str(tools)

    assert [0, 0, 0] == [wal.archive().status, wal.archive().status, wal.fetch().status]
    assert wal.segment.read_bytes() == wal.target.read_bytes()
