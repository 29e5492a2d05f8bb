"""The fingerprint of a git repository: every ref, every object, every large file."""

import shutil
from pathlib import Path

import pytest

from drill.damage import damage_object
from drill.datasets import source
from drill.fingerprints import FingerprintError, differences
from drill.fingerprints.git import borrows_from, fingerprint
from drill.fingerprints.git.repository import ask


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("source") / "one.git"
    source.seed(place, seed=7, scale=1)
    return place


@pytest.fixture
def copy(seeded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(seeded, tmp_path / "copy.git")


def found(seeded: Path, copy: Path) -> set[str]:
    return {difference.where for difference in differences(fingerprint(seeded), fingerprint(copy))}


def test_a_copy_has_no_difference(seeded, copy):
    assert set() == found(seeded, copy)


def test_a_mirror_has_all_but_the_large_files(seeded, tmp_path):
    ask(seeded, "clone", "--quiet", "--mirror", str(seeded), str(tmp_path / "mirror.git"))

    assert {"large files"} == found(seeded, tmp_path / "mirror.git")


def test_the_documents_clone_of_the_mirror_lacks_refs(seeded, tmp_path):
    ask(seeded, "clone", "--quiet", "--bare", str(seeded), str(tmp_path / "bare.git"))

    assert {"ref refs/notes/commits", "ref refs/stash"} <= found(seeded, tmp_path / "bare.git")


@pytest.mark.parametrize("ref", ["refs/heads/tính-năng/đếm-xe", "refs/tags/nhẹ", "refs/tags/v1.4.2", "refs/stash"])
def test_a_ref_that_is_gone_is_missed(seeded, copy, ref):
    ask(copy, "update-ref", "-d", ref)

    assert f"ref {ref}" in found(seeded, copy)


def test_a_ref_that_was_moved_is_found(seeded, copy):
    ask(copy, "update-ref", "refs/heads/main", "refs/heads/release/1.4")

    assert "ref refs/heads/main" in found(seeded, copy)


def test_another_head_is_found(seeded, copy):
    ask(copy, "symbolic-ref", "HEAD", "refs/heads/release/1.4")

    assert {"HEAD"} == found(seeded, copy)


def test_one_commit_more_is_found(seeded, copy):
    source.write(copy, 5)

    assert {"ref refs/heads/main", "objects"} == found(seeded, copy)
    assert {5} == source.written(copy)


def test_a_large_file_that_was_altered_is_found(seeded, copy):
    (large,) = (path for path in (copy / "lfs").rglob("*") if path.is_file())
    large.write_bytes(b"other")

    assert {"large files"} == found(seeded, copy)


def test_what_is_damaged_has_no_fingerprint(copy):
    damage_object(copy)

    with pytest.raises(FingerprintError, match="git fsck"):
        fingerprint(copy)


def test_what_is_no_repository_has_no_fingerprint(tmp_path):
    with pytest.raises(FingerprintError, match="git fsck"):
        fingerprint(tmp_path)


def test_a_copy_borrows_nothing(copy):
    assert borrows_from(copy) is None


def test_a_repository_with_the_objects_of_another_passes_for_a_whole_one_and_borrows(seeded, tmp_path):
    shared = tmp_path / "shared.git"
    ask(seeded, "clone", "--quiet", "--mirror", "--shared", str(seeded), str(shared))
    shutil.copytree(seeded / "lfs", shared / "lfs")

    assert set() == found(seeded, shared)
    assert str(seeded / "objects") == borrows_from(shared)


def test_a_partial_clone_passes_for_a_whole_one_and_borrows(seeded, tmp_path):
    partial, serving = tmp_path / "partial.git", "git -c uploadpack.allowFilter=true upload-pack"
    options = ["--mirror", "--filter=blob:none", f"--upload-pack={serving}"]
    ask(seeded, "clone", "--quiet", *options, f"file://{seeded}", str(partial))
    shutil.copytree(seeded / "lfs", partial / "lfs")

    assert set() == found(seeded, partial)
    assert "remote origin, as a partial clone" == borrows_from(partial)
