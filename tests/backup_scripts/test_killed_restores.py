"""files_restore, source_restore and postgres_recover, killed before their effects: what appears, appears whole."""

import shutil
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.datasets import source as code
from drill.fingerprints import differences
from drill.fingerprints.files import fingerprint
from drill.fingerprints.git import fingerprint as fingerprint_of_code
from tests.backup_scripts import physical
from tests.backup_scripts.file_trees import SCOPES, archived
from tests.backup_scripts.interruption import Interruption, points
from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.test_postgres_recover_round_trip import stored, taken

__all__ = ["stored", "taken"]

FLUSHING = ("fork_exec", "write")
"""postgres_recover has the disk flushed while it unpacks, as often as there is time."""
LEFT = (".partial-*", ".landing-*")
"""What a killed restore leaves, and one that has ended never does."""


def left(directory: Path) -> list[Path]:
    """Return what killed restores have left in a directory."""
    return [each for pattern in LEFT for each in directory.glob(pattern)]


def halves(host: Path, target: Path) -> list[str]:
    """Return the paths of which something is there, and something is missing or otherwise."""
    return [
        scope
        for scope in SCOPES
        if (target / scope).exists() and differences(fingerprint(host, [scope]), fingerprint(target, [scope]))
    ]


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Some files of a host."""
    root = tmp_path / "host"
    for path, content in {
        "home/an/photo": bytes(2 << 20),
        "home/an/note": b"x",
        "etc/application/settings": b"",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / "home/an/link").symlink_to("note")
    return root


@pytest.mark.parametrize("seed", [4], ids=["seed 4"])
def test_files_whose_restore_is_killed_anywhere_are_all_there_or_none_of_a_path(
    killing: Interruption, scripts: Scripts, host: Path, tmp_path: Path, seed
):
    files = scripts.on({"BACKUP_SOURCE": str(host)})
    backup, wrong = archived(files), []
    repository = contents(scripts.repository)

    def into(target: Path) -> Scripts:
        target.mkdir()
        return files.on({"RESTORE_TARGET": str(target)})

    complete = killing.run(into(tmp_path / "undisturbed"), "files_restore", backup)
    for at in points(complete, most=12, seed=seed):
        target = tmp_path / f"{at}"
        restoring = into(target)
        killed = killing.killed(restoring, "files_restore", backup, at=at)
        wrong += [f"{killed}: not all of {scope}" for scope in halves(host, target)]
        again = killing.run(restoring, "files_restore", backup)
        differing = differences(fingerprint(host, SCOPES), fingerprint(target, SCOPES))
        if (
            not killed.killed
            or again.status
            or differing
            or {"etc", "home"} != {each.name for each in target.iterdir()}
        ):
            wrong.append(f"{killed}: then {again.said}{differing}")

    assert [] == wrong
    assert repository == contents(scripts.repository)


def test_files_that_are_restored_into_their_place_would_be_seen(
    killing: Interruption, scripts: Scripts, host, tmp_path
):
    seen = set()
    for at in range(1, 20):
        target = tmp_path / f"{at}"
        careless = scripts.on({"RESTORE_TARGET": str(target)})
        if killing.killed(careless, "tests.backup_scripts.careless", str(host), at=at).killed:
            seen |= set(halves(host, target))

    assert {"etc/application", "home"} == seen


@pytest.mark.parametrize("seed", [5], ids=["seed 5"])
def test_code_whose_restore_is_killed_anywhere_is_all_there_or_nothing_of_it(
    killing: Interruption, scripts: Scripts, tmp_path: Path, seed
):
    code.seed(tmp_path / "code.git", seed=seed, scale=1)
    mirror, place = scripts.on({"BACKUP_SOURCE": str(tmp_path / "code.git")}), tmp_path / "restored.git"
    backup = mirror.done("source_mirror")["id"]
    restoring, wrong, repository = mirror.on({"RESTORE_TARGET": str(place)}), [], contents(scripts.repository)
    complete = killing.run(restoring, "source_restore", backup)
    whole = contents(place)

    assert [] == differences(fingerprint_of_code(tmp_path / "code.git"), fingerprint_of_code(place))
    for at in points(complete, most=8, seed=seed):
        shutil.rmtree(place)
        killed = killing.killed(restoring, "source_restore", backup, at=at)
        if place.exists() and contents(place) != whole:
            wrong.append(f"{killed}: half of it is there")
        again = killing.run(restoring, "source_restore", backup)
        if not killed.killed or again.status or contents(place) != whole or left(tmp_path):
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong
    assert repository == contents(scripts.repository)


@pytest.mark.parametrize("seed", [6], ids=["seed 6"])
def test_a_server_whose_recovery_is_killed_anywhere_is_all_there_or_nothing_of_it(
    killing: Interruption, stored: Scripts, lost, seed
):
    repository, wrong = contents(stored.repository), []
    complete = killing.run(stored, "postgres_recover", not_counting=FLUSHING)
    whole = contents(lost.data)
    for at in points(complete, most=7, seed=seed):
        shutil.rmtree(lost.data)
        killed = killing.killed(stored, "postgres_recover", at=at, not_counting=FLUSHING)
        if lost.data.exists() and contents(lost.data) != whole:
            wrong.append(f"{killed}: half of it is there")
        again = killing.run(stored, "postgres_recover", not_counting=FLUSHING)
        if not killed.killed or again.status or contents(lost.data) != whole or left(lost.data.parent):
            wrong.append(f"{killed}: then {again.said}")
    lost.start()

    assert [] == wrong
    assert "start" == physical.state(lost)
    assert repository == contents(stored.repository)
