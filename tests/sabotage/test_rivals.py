"""Usual checks beside ours: what each says of a backup that was damaged in a certain way."""

import gzip
import io
import json
import os
import shutil
import tarfile

import pytest

from drill.backups.catalogue import MANIFEST
from drill.damage.files import damage
from drill.damage.rivals import CHECKS, INFERRED, Opinion, Sight, opinions
from drill.damage.score import Attempt, Outcome, Score, UsualCheck, matrix, matrix_table
from drill.damage.unsealed import seal
from drill.datasets import source
from drill.evidence.record import SabotageRecord
from drill.fingerprints.git.repository import ask
from tests.repositories import written

ANSWERS = "starts and answers"
FILES = {"rows.gz": gzip.compress(bytes(range(256)) * 64, compresslevel=0), "small": b"small"}


def in_a_tar(content):
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as archive:
        member = tarfile.TarInfo("member")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stored.getvalue()


@pytest.fixture
def whole(tmp_path):
    return written(tmp_path / "whole" / "redis", files=FILES)


@pytest.fixture
def broken(tmp_path):
    return written(tmp_path / "broken" / "redis", files=FILES)


def of(broken, whole, *, found=()):
    return opinions(Sight(broken.directory, whole.directory, found, os.environ["PATH"]))


def test_nobody_accuses_what_is_whole(broken, whole):
    assert {Opinion.MISSED, Opinion.NONE} == set(of(broken, whole).values())


def test_a_checksum_tells_what_came_after_it_and_nothing_from_before(broken, whole):
    damage(broken, "cut off half way")
    after = of(broken, whole)
    seal(broken.directory)

    assert (Opinion.NOTICED, Opinion.MISSED) == (after["checksum"], of(broken, whole)["checksum"])
    assert Opinion.NOTICED == of(broken, whole)["gzip -t"]


def test_a_checksum_without_its_manifest_is_compared_with_the_one_of_before(broken, whole):
    (broken.directory / MANIFEST).write_text(json.dumps({}))

    assert Opinion.MISSED == of(broken, whole)["checksum"]


def test_what_is_gone_has_neither_size_nor_age(broken, whole):
    for path in broken.directory.iterdir():
        path.unlink()
    found = of(broken, whole)

    assert {Opinion.NOTICED} == {found["size"], found["age"], found["checksum"]}


@pytest.mark.parametrize(
    ("found", "exit_status", "answers"),
    [
        (["RESTORE-FAILED"], Opinion.NOTICED, Opinion.NOTICED),
        (["UNREADABLE"], Opinion.MISSED, Opinion.NOTICED),
        (["CONTENT-DIFFERS"], Opinion.MISSED, Opinion.MISSED),
        (["NOT-BOOTABLE", "CONTENT-DIFFERS"], Opinion.MISSED, Opinion.NOTICED),
    ],
)
def test_who_looks_at_the_restore_alone_sees_what_it_says(broken, whole, found, exit_status, answers):
    said = of(broken, whole, found=found)

    assert (exit_status, answers) == (said["restore's exit status"], said["starts and answers"])


def test_a_check_that_does_not_apply_has_no_opinion(broken, whole):
    found = of(broken, whole)

    assert {Opinion.NONE} == {found["tar -t"], found["pg_restore --list"], found["pg_verifybackup"]}


@pytest.mark.parametrize("name", ["base.tar", "0.tar.gz", "partition-1.tar.gz"])
def test_every_archive_is_listed_whatever_it_is_called(tmp_path, name):
    content = in_a_tar(b"lines\n" * 4000)
    files = {name: gzip.compress(content, compresslevel=0) if name.endswith(".gz") else content}
    whole, broken = (written(tmp_path / each / "configuration", files=files) for each in ("whole", "broken"))

    assert Opinion.MISSED == of(broken, whole)["tar -t"]
    damage(broken, "cut off half way")
    assert Opinion.NOTICED == of(broken, whole)["tar -t"]


def test_a_mirror_is_judged_by_git(tmp_path):
    source.seed(tmp_path / "source.git", seed=1, scale=1)
    whole, broken = (written(tmp_path / each / "source-code") for each in ("whole", "broken"))
    for each in (whole, broken):
        shutil.copytree(tmp_path / "source.git", each.directory / "mirror.git")

    assert Opinion.MISSED == of(broken, whole)["git fsck"]
    ask(broken.directory / "mirror.git", "update-ref", "refs/heads/main", "refs/heads/main~1")
    assert Opinion.MISSED == of(broken, whole)["git fsck"], "a branch that is behind is whole in itself"
    for pack in (broken.directory / "mirror.git").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:-40])
    for loose in (broken.directory / "mirror.git" / "objects").glob("??/*"):
        loose.unlink()
    assert Opinion.NOTICED == of(broken, whole)["git fsck"]


def test_what_may_not_be_read_has_no_checksum(broken, whole):
    (broken.directory / "small").unlink()
    (broken.directory / "small").mkdir()

    assert Opinion.NOTICED == of(broken, whole)["checksum"]


SCORE = Score(
    (
        Attempt("A", "dump", "", Outcome.CAUGHT, (), "", 1.0, {"age": "missed", "tar -t": "–", ANSWERS: "noticed"}),
        Attempt("B", "dump", "", Outcome.MISSED, (), "", 1.0, {"age": "missed", "tar -t": "–", ANSWERS: "missed"}),
        Attempt("C", "evidence", "", Outcome.CAUGHT, (), "", 1.0),
    ),
    seconds=1.0,
)


def test_the_matrix_leaves_out_what_applies_nowhere_and_counts_the_rest():
    assert [
        ("fault", "this drill", "age", f"{ANSWERS} *"),
        ("A", "noticed", "missed", "noticed"),
        ("B", "missed", "missed", "missed"),
        ("noticed", "1 of 2", "0 of 2", "1 of 2"),
    ] == matrix(SCORE)
    assert "* not run" in matrix_table(SCORE).caption


def test_what_is_inferred_is_one_of_the_checks_and_none_of_the_tools():
    assert {"restore's exit status", ANSWERS} == INFERRED < CHECKS.keys()


def test_json_and_event_hold_the_matrix():
    checks = (
        UsualCheck("age", inferred=False, noticed=(), missed=("A", "B")),
        UsualCheck(ANSWERS, inferred=True, noticed=("A",), missed=("B",)),
    )

    assert checks == SCORE.usual_checks
    assert [ANSWERS] == [each["name"] for each in SCORE.as_json()["usual_checks"] if each["inferred"]]
    assert [
        {"name": each.name, "inferred": each.inferred, "noticed": each.noticed, "missed": each.missed}
        for each in checks
    ] == [each.model_dump() for each in SabotageRecord.of_event(SCORE.event()).usual_checks]
