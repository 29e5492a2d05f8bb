"""What a run stood on."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from drill.evidence import surroundings


def test_a_checkout_is_named_by_its_commit_and_whether_files_differ(tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    clean = surroundings.revision(tmp_path)
    (tmp_path / "new").touch()

    assert 40 == len(clean["commit"])
    assert [False, True] == [clean["changed"], surroundings.revision(tmp_path)["changed"]]


def test_outside_a_checkout_there_is_no_revision(tmp_path):
    assert {} == surroundings.revision(tmp_path)


def test_a_machine_without_git_has_no_revision(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert {} == surroundings.revision(tmp_path)


def test_a_package_that_is_not_installed_is_said_to_be_missing(monkeypatch):
    monkeypatch.setattr(surroundings, "PACKAGES", ("pytest", "no-such-package"))
    versions = surroundings.versions()

    assert "not installed" == versions["no-such-package"]
    assert {"python", "pytest", "no-such-package"} == versions.keys()


@pytest.mark.parametrize(
    ("place", "kind"), [("/disk/a/b", "ext4"), ("/disk", "ext4"), ("/disk/memory/a", "tmpfs"), ("/a", None)]
)
def test_a_place_lies_on_the_file_system_nearest_above_it(monkeypatch, place, kind):
    mounted = [
        SimpleNamespace(mountpoint=where, fstype=fs) for where, fs in (("/disk", "ext4"), ("/disk/memory", "tmpfs"))
    ]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: mounted)

    assert kind == surroundings.file_system(Path(place))


def test_the_file_system_of_this_place_is_known(tmp_path):
    assert surroundings.file_system(tmp_path)


def test_the_machine_is_described_and_not_named():
    assert {"system", "architecture", "cores", "memory_bytes"} == surroundings.machine().keys()
