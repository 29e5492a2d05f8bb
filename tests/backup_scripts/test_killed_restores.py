"""files_restore, source_restore and postgres_recover, killed before their effects: what appears, appears whole."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.datasets import source as code
from drill.fingerprints import differences
from drill.fingerprints.files import fingerprint
from drill.fingerprints.git import fingerprint as fingerprint_of_code
from tests.backup_scripts import physical
from tests.backup_scripts.file_trees import SCOPES, archived
from tests.backup_scripts.interruption import Attempt, Interruption, points
from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.test_postgres_recover_round_trip import stored, taken

__all__ = ["stored", "taken"]

IN_THE_WAY = re.compile(r"^error: target-not-empty: (.+) holds something; move it away", re.MULTILINE)


def removed(place: Path) -> None:
    """Remove what is there, and what a killed restore left beside it."""
    for each in (place, place.with_name(f".partial-{place.name}")):
        shutil.rmtree(each, ignore_errors=True)


def finished(run: Callable[[], Attempt]) -> Attempt:
    """Run it again, and once more whenever what it says is in the way has been moved away."""
    ran = run()
    while found := IN_THE_WAY.search(ran.said):
        shutil.rmtree(found[1])
        ran = run()
    return ran


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
    for at in points(complete, most=20, seed=seed):
        target = tmp_path / f"{at}"
        restoring = into(target)
        killed = killing.killed(restoring, "files_restore", backup, at=at)
        wrong += [f"{killed}: not all of {scope}" for scope in halves(host, target)]
        again = finished(lambda restoring=restoring: killing.run(restoring, "files_restore", backup))
        left = differences(fingerprint(host, SCOPES), fingerprint(target, SCOPES))
        if not killed.killed or again.status or left or {"etc", "home"} != {each.name for each in target.iterdir()}:
            wrong.append(f"{killed}: then {again.said}{left}")

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
    for at in points(complete, most=10, seed=seed):
        removed(place)
        killed = killing.killed(restoring, "source_restore", backup, at=at)
        if place.exists() and contents(place) != whole:
            wrong.append(f"{killed}: half of it is there")
        again = finished(lambda: killing.run(restoring, "source_restore", backup))
        if not killed.killed or again.status or contents(place) != whole or list(tmp_path.glob(".partial-*")):
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong
    assert repository == contents(scripts.repository)


@pytest.mark.parametrize("seed", [6], ids=["seed 6"])
def test_a_server_whose_recovery_is_killed_anywhere_is_all_there_or_nothing_of_it(
    killing: Interruption, stored: Scripts, lost, seed
):
    repository, wrong = contents(stored.repository), []
    complete = killing.run(stored, "postgres_recover", "--jobs=1")
    whole = contents(lost.data)
    for at in points(complete, most=6, seed=seed):
        removed(lost.data)
        killed = killing.killed(stored, "postgres_recover", "--jobs=1", at=at)
        if lost.data.exists() and contents(lost.data) != whole:
            wrong.append(f"{killed}: half of it is there")
        again = finished(lambda: killing.run(stored, "postgres_recover", "--jobs=1"))
        if not killed.killed or again.status or contents(lost.data) != whole or list(lost.data.parent.glob(".part*")):
            wrong.append(f"{killed}: then {again.said}")
    lost.start()

    assert [] == wrong
    assert "start" == physical.state(lost)
    assert repository == contents(stored.repository)
