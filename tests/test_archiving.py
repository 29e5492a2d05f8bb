"""Archiving by hand shows what the server's own commands do to the archive, and what they refuse."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from drill.backups.archiving import archive_again, foreign
from drill.commands.execution import DONE, REFUSED
from drill.damage import damage_segment
from drill.errors import DrillError
from drill.policy import Command
from drill.servers.wal_keeping import WalKeeping
from tests.procedures import SHIPPED, script

SEGMENTS = [f"00000001000000000000000{digit}" for digit in "ABCD"]
CONTENT = bytes(range(256)) * 64


@pytest.fixture
def keeping(runtime, tmp_path):
    """The shipped archiving, with nothing archived yet."""
    repository = runtime.workspace.directory / tmp_path.name
    repository.mkdir()
    return WalKeeping.prepared(SHIPPED, "postgres-physical", repository=repository, workspace=runtime.workspace)


@pytest.fixture
def archived(keeping, tmp_path):
    """Four archived segments that no server has written."""
    for name in SEGMENTS:
        (tmp_path / name).write_bytes(CONTENT + name.encode())
        subprocess.run(["sh", "-c", keeping.archive_command(tmp_path / name, name)], check=True)
    return keeping


def test_the_same_segment_once_more_changes_nothing(archived):
    archiving = archive_again(archived)

    assert DONE == archiving.outcome.status
    assert archiving.before == archiving.after
    assert {f"{name}.gz" for name in SEGMENTS} | {"archive.sha256"} == archiving.after.keys()


def test_another_content_is_refused_and_changes_nothing(archived):
    archiving = archive_again(archived, change=foreign)

    assert (REFUSED, "segment-differs") == (archiving.outcome.status, archiving.outcome.reason)
    assert archiving.before == archiving.after


def test_a_command_that_overwrites_is_seen_to(archived):
    script(archived.programs / "overwrite", f'cp "$1" "{archived.archive}/$2.gz"')
    careless = archived.procedure.model_copy(update={"archive": Command.parse("overwrite %p %f")})
    archiving = archive_again(replace(archived, procedure=careless), change=foreign)

    assert DONE == archiving.outcome.status
    assert {f"{SEGMENTS[-1]}.gz"} == {name for name, _ in archiving.before.items() ^ archiving.after.items()}


def test_what_another_server_wrote_differs_in_one_byte_and_has_the_same_size():
    other = foreign(CONTENT)

    assert len(CONTENT) == len(other)
    assert 1 == sum(mine != its for mine, its in zip(CONTENT, other, strict=True))


def test_an_empty_archive_has_nothing_to_archive_again(keeping):
    with pytest.raises(DrillError, match="holds no segment"):
        archive_again(keeping)


@pytest.mark.parametrize(("victim", "hit"), [("a segment", SEGMENTS[1]), ("the newest segment", SEGMENTS[3])])
@pytest.mark.parametrize("kind", ["altered by one bit", "cut off half way", "lost"])
def test_damage_hits_one_segment_and_not_the_list_of_checksums(archived, victim, hit, kind):
    before = {path.name: path.read_bytes() for path in archived.archive.iterdir()}
    path = damage_segment(archived.archive, victim=victim, kind=kind)
    after = {path.name: path.read_bytes() for path in archived.archive.iterdir()}
    stored = f"{hit}.gz"

    assert stored == path.name
    assert {stored} == {name for name, _ in before.items() ^ after.items()}
    assert (kind != "lost") == (stored in after)


def test_too_few_segments_cannot_be_damaged(archived):
    for name in SEGMENTS[1:]:
        (archived.archive / f"{name}.gz").unlink()

    with pytest.raises(DrillError, match="holds 1 segments; write more before it is damaged"):
        damage_segment(archived.archive, victim="a segment", kind="lost")
