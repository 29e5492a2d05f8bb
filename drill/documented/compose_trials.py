"""The trials of the document's commands for the definition of the containers, by the compose tool itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from drill.datasets.host import password
from drill.documented.host_desk import APPLICATION, HostDesk

DEFINITION, BACKUP = f"{APPLICATION}/docker-compose.yml", f"{APPLICATION}/docker-compose.backup.yml"
ENVIRONMENT = f"{APPLICATION}/.env"
RESOLVED = f'cd "$ROOT"/{APPLICATION} && docker-compose config'
"""What the compose tool takes the definition for; it fails where that is none."""


def compose_backup(desk: HostDesk) -> Iterator[str]:
    """Back up, deploy another version, and back up again; then look for the first version and for passwords."""
    definition = desk.host.root / DEFINITION
    secret = password(desk.host.root)
    desk.run("compose-backup")
    definition.write_text(definition.read_text("utf-8").replace("counting:1.4.2", "counting:1.5.0"), "utf-8")
    desk.run("compose-backup")
    backups = _backups(desk)
    if not any(b"counting:1.4.2" in path.read_bytes() for path in backups):
        yield "the backup of the day before is overwritten"
    exposing = [path for path in backups if secret in path.read_bytes()]
    if exposing:
        yield "the passwords can be read in it"
    if any(path.stat().st_mode & stat.S_IROTH for path in exposing):
        yield "what few may read can be read by everybody"
    if any("${" not in path.read_text("utf-8") for path in backups):
        yield "the definition as it was written is missing"


def compose_restore(desk: HostDesk) -> Iterator[str]:
    """Restore and change the password as the environment file has it; then restore the first half of the backup."""
    root = desk.host.root
    desk.run("compose-backup")
    desk.run("compose-restore")
    secret = password(root).decode()
    environment = root / ENVIRONMENT
    environment.write_text(environment.read_text("utf-8").replace(secret, "changed"), "utf-8")
    if secret in desk.shell(RESOLVED).answer:
        yield "a password that is changed later does not reach the application"
    backup = root / BACKUP
    os.truncate(backup, backup.stat().st_size // 2)
    if desk.run("compose-restore").status == 0:
        yield "half a backup is restored as if it were whole"


def _backups(desk: HostDesk) -> list[Path]:
    """Return the backups of a definition, beside it and where backups are kept."""
    beside = (desk.host.root / APPLICATION).glob("docker-compose.?*.yml")
    return sorted([*beside, *desk.directory.glob("docker-compose*.yml")])


COMPOSE_TRIALS: dict[str, Callable[[HostDesk], Iterator[str]]] = {
    "compose-backup": compose_backup,
    "compose-restore": compose_restore,
}
"""The trial of each command, by its id in policy.toml."""
