"""What a run stood on."""

import subprocess

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


def test_the_machine_is_described_and_not_named():
    assert {"system", "architecture", "cores", "memory_bytes"} == surroundings.machine().keys()
