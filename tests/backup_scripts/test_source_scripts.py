"""source_mirror and source_restore: every ref and large file, or a clear error."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from backup_scripts import files
from backup_scripts.contract import Failed
from drill.damage import damage_object
from drill.datasets import source
from drill.fingerprints import differences
from drill.fingerprints.git import fingerprint
from drill.fingerprints.git.repository import ask
from tests.backup_scripts.operating import Scripts, replacing


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("source") / "one.git"
    source.seed(place, seed=7, scale=1)
    return place


@pytest.fixture
def code(seeded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(seeded, tmp_path / "code.git")


@pytest.fixture
def mirror(scripts: Scripts, code: Path, tmp_path: Path) -> Scripts:
    return scripts.on({"BACKUP_SOURCE": str(code), "RESTORE_TARGET": str(tmp_path / "restored.git")})


def test_what_is_restored_is_what_was_there(mirror, code, tmp_path):
    backup = mirror.done("source_mirror")
    restored = mirror.done("source_restore", backup["id"])

    assert [] == differences(fingerprint(code), fingerprint(tmp_path / "restored.git"))
    assert ("mirror", 7, 7) == (backup["kind"], backup["source"]["refs"], restored["refs"])


def test_a_target_below_something_called_objects_can_be_written_to_like_any_other(mirror, tmp_path):
    target = tmp_path / "objects" / "restored.git"
    target.parent.mkdir()
    mirror.on({"RESTORE_TARGET": str(target)}).done("source_restore", mirror.done("source_mirror")["id"])

    assert 0o644 == (target / "config").stat().st_mode & 0o777
    assert {0o444} == {each.stat().st_mode & 0o777 for each in (target / "objects").rglob("*") if each.is_file()}


def test_a_ref_without_letters_to_spare_comes_back(mirror, code, tmp_path):
    ask(code, "update-ref", "refs/changes/01/1/1", "refs/heads/main")
    mirror.done("source_restore", mirror.done("source_mirror")["id"])

    assert [] == differences(fingerprint(code), fingerprint(tmp_path / "restored.git"))


def test_a_shallow_clone_is_no_source(mirror, code, tmp_path):
    ask(code, "clone", "--quiet", "--bare", "--depth=2", f"file://{code}", str(tmp_path / "shallow.git"))
    ran = mirror.on({"BACKUP_SOURCE": str(tmp_path / "shallow.git")}).run("source_mirror")

    assert (1, "source-shallow") == (ran.status, ran.slug), ran.said
    assert [] == mirror.in_sight()


def test_a_large_file_that_is_missing_fails_the_backup(mirror, code):
    shutil.rmtree(code / "lfs")
    ran = mirror.run("source_mirror")

    assert (1, "lfs-object-missing") == (ran.status, ran.slug)
    assert [] == mirror.in_sight()


def test_a_damaged_source_fails_the_backup(mirror, code):
    damage_object(code)

    assert (1, "clone-failed") == ((ran := mirror.run("source_mirror")).status, ran.slug)
    assert [] == mirror.in_sight()


def test_a_full_repository_fails(full_disk, mirror, code):
    commit(code, [os.urandom(1 << 20).hex()])
    ran = full_disk.on(mirror.environment).run("source_mirror")

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert [] == mirror.in_sight()


def test_a_source_of_thousands_of_files_is_mirrored(mirror, code):
    commit(code, (str(number) for number in range(3000)))
    backup = mirror.under("timeout", "60").done("source_mirror")

    assert 8 == backup["source"]["refs"]


def test_a_large_file_that_became_shorter_while_it_was_copied_fails_the_backup(tmp_path):
    large = tmp_path / "large"
    large.write_bytes(b"half of it")
    with large.open("rb", buffering=0) as kept, pytest.raises(Failed) as failed:
        files.copy(kept, tmp_path / "copy", size=20)

    assert "changed-while-read" == failed.value.slug
    assert f"{large} ended after 10 of 20 bytes" in str(failed.value)


def test_a_text_that_quotes_the_pointer_of_a_large_file_stands_for_none(mirror, code):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1"
    before = mirror.done("source_mirror")
    commit(code, [f"So it looks:\n{pointer}\n"])

    assert before["source"]["large_files"] == mirror.done("source_mirror")["source"]["large_files"]


def test_the_pointer_of_a_large_file_with_an_extension_stands_for_it(mirror, code):
    extended = f"ext-0-x sha256:{'1' * 64}\noid sha256:{'0' * 64}\nsize 1"
    commit(code, [f"version https://git-lfs.github.com/spec/v1\n{extended}"])
    ran = mirror.run("source_mirror")

    assert (1, "lfs-object-missing") == (ran.status, ran.slug)
    assert "0" * 64 in ran.said


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "git-2+https"])
def test_a_password_in_the_source_is_not_handed_to_git(mirror, scheme):
    ran = mirror.on({"BACKUP_SOURCE": f"{scheme}://deploy:s3cret-word@git.invalid/camera.git"}).run("source_mirror")

    assert (2, "password-in-source") == (ran.status, ran.slug)
    assert "give it to git by GIT_ASKPASS" in ran.said
    assert "s3cret-word" not in ran.said


def test_a_user_in_the_source_is_no_password(mirror):
    ran = mirror.on({"BACKUP_SOURCE": "ssh://git@127.0.0.1:1/camera.git"}).run("source_mirror")

    assert (1, "clone-failed") == (ran.status, ran.slug)


def test_what_is_no_repository_fails(mirror, tmp_path):
    ran = mirror.on({"BACKUP_SOURCE": str(tmp_path / "nowhere")}).run("source_mirror")

    assert (1, "clone-failed") == (ran.status, ran.slug)


def test_what_appears_is_on_disk_already(mirror, tmp_path):
    target, seen = tmp_path / "restored.git", tmp_path / "seen"
    looking = replacing(
        "sync", f'ls "{target}" >>{seen} 2>&1; exec "$REAL" "$@"', environment=os.environ, directory=tmp_path
    )
    mirror.on({"PATH": looking["PATH"]}).done("source_restore", mirror.done("source_mirror")["id"])

    assert "No such file" in seen.read_text()
    assert target.is_dir()


def test_a_target_with_something_in_it_is_refused(mirror, tmp_path):
    backup = mirror.done("source_mirror")
    (tmp_path / "restored.git").mkdir()
    (tmp_path / "restored.git/something").touch()
    ran = mirror.run("source_restore", backup["id"])

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert ["something"] == [path.name for path in (tmp_path / "restored.git").iterdir()]


def commit(repository: Path, contents: Iterable[str]) -> None:
    """Make a branch of a commit with a file for each content."""
    script = "commit refs/heads/more\ncommitter A <a@example.org> 0 +0000\ndata 0\n"
    for number, content in enumerate(contents):
        script += f"M 644 inline {number}\ndata {len(content)}\n{content}\n"
    subprocess.run(["git", f"--git-dir={repository}", "fast-import", "--quiet"], input=script, text=True, check=True)
