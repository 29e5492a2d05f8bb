"""The containers' definition is stored as a compose tool resolves it, too, and comes back for its owner alone."""

import shutil
from pathlib import Path

import pytest

from drill.damage import misuse_password, remove_image
from drill.datasets.host import password
from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from drill.hosts.compose import DEFINITION, PROGRAM, RESOLVED, findings, meant
from tests.backup_scripts.file_trees import manifest
from tests.backup_scripts.operating import reseal, restate
from tests.backup_scripts.test_files_round_trip import files, source, target

__all__ = ["files", "source", "target"]

PATHS = ("srv/counting/.env", DEFINITION)
with_compose = pytest.mark.skipif(not shutil.which(PROGRAM), reason=f"{PROGRAM} is not installed")


def archived(files, *options: str) -> Path:
    """Take a backup with the definition as it is resolved, and return its place."""
    return files.home / files.done("files_archive", *options, f"--compose={DEFINITION}", *PATHS)["id"]


def with_programs(files, tmp_path, **programs: str):
    """The scripts where of all compose tools there are these, and everything else."""
    place = tmp_path / "programs"
    place.mkdir()
    for program in ("tar", "zstd", "sync", "sh"):
        (place / program).symlink_to(shutil.which(program))
    for program, script in programs.items():
        (place / program.replace("_", "-")).write_text(f"#!/bin/sh\n{script}\n")
        (place / program.replace("_", "-")).chmod(0o755)
    return files.on({"PATH": str(place)})


@with_compose
def test_it_comes_back_as_it_was_written_and_as_it_was_resolved(files, source, target):
    before = meant(source)
    restored = files.done("files_restore", archived(files).name)

    assert "${" not in before
    assert [*PATHS, RESOLVED] == restored["paths"]
    assert [RESOLVED + " is not what the definition was taken for"] == findings(target, before=before + "#")[1:2]
    assert [] == findings(target, before=before)


@with_compose
@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda place: place.chmod(0o640), "is open to others than its owner"),
        (lambda place: place.unlink(), "is not there"),
        (lambda place: place.write_text(place.read_text() + "#\n"), "is not what the definition was taken for"),
    ],
)
def test_what_is_wrong_with_what_was_resolved_is_found(files, source, target, change, finding):
    before = meant(source)
    files.done("files_restore", archived(files).name)
    change(target / RESOLVED)

    assert [f"{RESOLVED} {finding}"] == findings(target, before=before)


@with_compose
def test_what_it_means_is_the_host_s_affair_and_not_that_of_whoever_drills(source, monkeypatch):
    before = meant(source)
    monkeypatch.setenv("DB_PASSWORD", "of somebody else")

    assert before == meant(source)


@with_compose
def test_a_definition_that_the_tool_refuses_fails_the_backup(files, source):
    remove_image(source)
    ran = files.run("files_archive", f"--compose={DEFINITION}", *PATHS)

    assert (1, "definition-unresolved") == (ran.status, ran.slug)
    assert [] == files.in_sight()


@with_compose
def test_no_password_is_told_that_the_tool_complains_about(files, source):
    misuse_password(source)
    with pytest.raises(Disproof, match=password(source).decode()):
        meant(source)
    ran = files.run("files_archive", f"--compose={DEFINITION}", *PATHS)

    assert (1, "definition-unresolved") == (ran.status, ran.slug)
    assert "run it by hand" in ran.said
    assert password(source).decode() not in ran.said + ran.output


def test_no_password_is_told_that_the_tool_warns_of(files, source, target, tmp_path):
    secret = password(source).decode()
    files = with_programs(files, tmp_path, docker_compose=f'echo as resolved; echo "odd: {secret}" >&2')
    made = files.run("files_archive", f"--compose={DEFINITION}", *PATHS)
    restored = files.run("files_restore", made.result["id"])

    assert (0, 0) == (made.status, restored.status)
    assert "docker-compose warns of something" in made.said
    assert secret not in made.said + made.output + restored.said + restored.output


def test_a_definition_that_names_no_image_cannot_lose_one(source):
    remove_image(source)

    with pytest.raises(DrillError, match="names no image"):
        remove_image(source)


def test_where_there_is_no_tool_that_is_said(files, target, tmp_path):
    files = with_programs(files, tmp_path)
    ran = files.run("files_archive", f"--compose={DEFINITION}", *PATHS)
    files.done("files_restore", ran.result["id"])

    assert (0, True) == (ran.status, "no docker-compose is here" in ran.said)
    assert "resolved" not in ran.result["source"]
    assert not (target / RESOLVED).exists()


def test_a_definition_that_is_not_there_fails_the_backup_also_where_there_is_no_tool(files, tmp_path):
    ran = with_programs(files, tmp_path).run("files_archive", "--compose=srv/nowhere.yml", *PATHS)

    assert (1, "source-missing") == (ran.status, ran.slug)
    assert [] == files.in_sight()


def test_the_plugin_of_docker_does_where_there_is_no_program_of_its_own(files, target, tmp_path):
    files = with_programs(files, tmp_path, docker='[ "$1" = compose ] && echo "$*"')
    files.done("files_restore", archived(files).name)

    assert (target / RESOLVED).read_text().endswith(f"/{DEFINITION.rpartition('/')[0]} config\n")


def test_an_increment_that_resolves_nothing_has_what_its_full_backup_has(files, target, tmp_path):
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    full = archived(files)
    increment = files.done("files_archive", "--incremental", *PATHS)["id"]
    files.done("files_restore", increment)

    assert "compose.resolved.yml" in {file["path"] for file in manifest(full)["files"]}
    assert "as resolved\n" == (target / RESOLVED).read_text()


def test_the_directory_of_what_was_resolved_comes_back_as_it_was(files, source, target, tmp_path):
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    (source / "srv/counting").chmod(0o711)
    files.done("files_archive", f"--compose={DEFINITION}", "home")
    files.done("files_restore", files.done("files_archive", "--incremental", "home")["id"])

    assert 0o711 == (target / "srv/counting").stat().st_mode & 0o7777


def test_what_was_resolved_is_verified_and_never_leads_out_of_the_target(files, target, tmp_path):
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    backup = archived(files)
    (backup / "compose.resolved.yml").write_text("as it should not\n"[:12])
    altered = files.run("files_restore", backup.name)
    reseal(backup)
    restate(backup, source=manifest(backup)["source"] | {"resolved": "../../out.yml"})
    leading_out = files.run("files_restore", backup.name)

    assert (3, "checksum-mismatch") == (altered.status, altered.slug)
    assert (3, "archive-unsafe") == (leading_out.status, leading_out.slug)
    assert [] == list(target.iterdir())


def test_it_comes_back_into_an_empty_directory_that_is_there_already(files, target, tmp_path):
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    backup = files.done("files_archive", f"--compose={DEFINITION}", "srv/counting")["id"]
    (target / "srv/counting").mkdir(parents=True)
    files.done("files_restore", backup)

    assert "as resolved\n" == (target / RESOLVED).read_text()
    assert (target / DEFINITION).exists()


def test_a_definition_behind_a_link_comes_back_where_it_really_is(files, source, target, tmp_path):
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    (source / "srv/current").symlink_to(source / "srv/counting")
    backup = files.done("files_archive", f"--compose=srv/current/{Path(DEFINITION).name}", "srv")["id"]
    files.done("files_restore", backup)

    assert "as resolved\n" == (target / RESOLVED).read_text()
    assert not (source / RESOLVED).exists()


def test_a_definition_to_which_a_link_leads_out_of_the_source_is_a_wrong_path(files, source, tmp_path):
    (source / "srv/current").symlink_to(tmp_path)
    (tmp_path / Path(DEFINITION).name).touch()
    ran = files.run("files_archive", f"--compose=srv/current/{Path(DEFINITION).name}", "srv")

    assert (2, "wrong-path") == (ran.status, ran.slug)
    assert [] == files.in_sight()


def test_what_was_resolved_goes_nowhere_that_a_link_of_the_backup_leads_to(files, source, target, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (source / "srv/out").symlink_to(elsewhere)
    files = with_programs(files, tmp_path, docker_compose="echo as resolved")
    backup = files.home / files.done("files_archive", f"--compose={DEFINITION}", "srv")["id"]
    restate(backup, source=manifest(backup)["source"] | {"resolved": "srv/out/resolved.yml"})
    ran = files.run("files_restore", backup.name)

    assert (3, "archive-unsafe") == (ran.status, ran.slug)
    assert [] == [*elsewhere.iterdir(), *target.iterdir()]
