"""Usual checks beside ours: what each says of a backup that was damaged in a certain way."""

import gzip
import json
import os

import pytest

from drill.backups.catalogue import MANIFEST
from drill.damage.files import damage
from drill.damage.rivals import Opinion, Sight, opinions
from drill.damage.score import Attempt, Outcome, Score, matrix
from drill.damage.unsealed import seal
from tests.repositories import written

FILES = {"rows.gz": gzip.compress(bytes(range(256)) * 64, compresslevel=0), "small": b"small"}


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


def test_the_matrix_leaves_out_what_applies_nowhere_and_counts_the_rest():
    said = {"checksum": Opinion.MISSED, "tar -t": Opinion.NONE}
    attempt = Attempt("A", "dump", "", Outcome.CAUGHT, (), "", 1.0, said)
    drawn = matrix(Score((attempt,), seconds=1.0))

    assert ["fault", "this drill", "checksum"] == [column.header for column in drawn.columns]
    assert ["missed", "0 of 1"] == list(drawn.columns[2].cells)
