"""A better command for files or source code is found less wanting than the document's own."""

from __future__ import annotations

import shutil

import pytest

from drill.documented import tried_on_host
from drill.documented.compose_trials import COMPOSE_TRIALS
from drill.documented.host_desk import HostDesk
from drill.documented.host_trials import HOST_TRIALS
from drill.errors import DrillError
from tests.procedures import SHIPPED

BETTER = [
    ("config-backup", "umask 077; tar -czf config_backup.$(date +%s%N).tar.gz /etc/application/", ()),
    ("env-copy", 'cp "$ROOT"/srv/counting/.env today.env.$(date +%s%N)', ("the passwords can be read in it",)),
    (
        "git-mirror",
        "git clone --mirror repository_url backup_repo || git -C backup_repo remote update --prune",
        ("the large files are missing",),
    ),
    ("source-archive", "tar -czf new.tar.gz /path/to/source/ && mv new.tar.gz source_backup.tar.gz", ()),
    ("system-backup", "umask 077; tar -czf system_config_backup.tar.gz /etc/ var/lib/dpkg", ()),
    (
        "user-backup",
        "tar --acls --xattrs --xattrs-include='*' --sparse --format=posix -czf user_data_backup.tar.gz /home/",
        (),
    ),
    (
        "user-backup",
        "tar --sparse --format=posix -czf user_data_backup.tar.gz /home/",
        ("access lists and other attributes are missing",),
    ),
    ("logs-backup", "tar -czf logs_backup.$(date +%s%N).tar.gz /var/log/", ()),
    (
        "config-restore",
        'gzip --test config_backup.tar.gz && rm -rf "$ROOT"/etc/application && tar -xzf config_backup.tar.gz -C /',
        (),
    ),
    (
        "config-restore-by-a-user",
        'test "$(id -u)" = 0 && tar -xzf config_backup.tar.gz -C /',
        ("where only root may write, nothing is restored",),
    ),
    (
        "env-restore",
        'cd "$ROOT"/srv/counting && test -z "$(tail -c 1 .env.backup)" && install -m 600 .env.backup .env',
        (),
    ),
    ("git-restore", "git clone --mirror backup_repo restored", ()),
    (
        "compose-backup",
        'umask 077; cp "$ROOT"/srv/counting/docker-compose.yml docker-compose.$(date +%s%N).yml',
        (),
    ),
    (
        "compose-restore",
        'cd "$ROOT"/srv/counting && test -z "$(tail -c 1 docker-compose.backup.yml)" '
        "&& cp docker-compose.backup.yml docker-compose.yml",
        ("a password that is changed later does not reach the application",),
    ),
    (
        "source-unpack",
        "mkdir -p /path/to/restore/ && tar -xzf source_backup.tar.gz --strip-components=2 -C /path/to/restore/",
        (),
    ),
    ("system-sync", "rsync -aHAXS --checksum --delete /mnt/backup/system/ /", ()),
]


def policy_with(identifier, command):
    changed = SHIPPED.documented_command(identifier).model_copy(update={"command": command})
    entries = tuple(changed if entry.id == identifier else entry for entry in SHIPPED.documented)
    return SHIPPED.model_copy(update={"documented": entries})


@pytest.mark.parametrize(("identifier", "command", "left"), BETTER)
def test_a_better_command_for_files_is_found_less_wanting(app_host, source_repository, identifier, command, left):
    if identifier in COMPOSE_TRIALS and not shutil.which("docker-compose"):
        pytest.skip("docker-compose is not installed")
    policy = policy_with(identifier, command)

    trial = tried_on_host(identifier, policy=policy, host=app_host, repository=source_repository)

    assert left == trial.found


def test_every_better_command_s_trial_is_there_and_every_trial_has_one():
    assert HOST_TRIALS.keys() | COMPOSE_TRIALS.keys() == {row[0] for row in BETTER}


def test_a_command_for_files_without_a_trial_is_an_error(app_host, source_repository):
    with pytest.raises(DrillError, match="no trial for 'dry-run'; use one of config-backup, "):
        tried_on_host("dry-run", policy=SHIPPED, host=app_host, repository=source_repository)


def test_a_program_that_is_not_there_is_no_finding_about_the_command(app_host, source_repository):
    policy = policy_with("system-sync", "no-such-program /mnt/backup/system/ /")

    with pytest.raises(DrillError, match=r"no-such-program: .*; install the program"):
        tried_on_host("system-sync", policy=policy, host=app_host, repository=source_repository)


def test_what_the_file_system_cannot_hold_is_no_finding_about_the_command(app_host, source_repository, tmp_path):
    desk = HostDesk(SHIPPED, app_host, source_repository, tmp_path)

    with pytest.raises(DrillError, match="holds no attributes and no holes that could be lost; drill on a file system"):
        desk.require(desk.held("etc/hostname"), "attributes", "holes", "contents")


def test_no_command_leaves_the_host_that_it_is_tried_on(app_host, source_repository, tmp_path):
    """``/`` is the host's root, whatever the command does there."""
    desk = HostDesk(policy_with("config-restore", "echo -C /"), app_host, source_repository, tmp_path)

    assert f"-C {app_host.root}\n" == desk.run("config-restore").answer
