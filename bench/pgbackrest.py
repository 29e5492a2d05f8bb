"""pgBackRest, the rival in physical backups: taken out of an image and run on this host, as the servers' user.

The image is made from Debian's package on first use, from the base that images/build leaves behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors

from bench.laboratory import run
from drill.commands.search_path import search_path
from drill.policy import Procedure
from drill.runtimes import Runtime, RuntimeUnavailable, client_programs
from drill.runtimes.container_engine import connect, plain_errors
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
from drill.servers.postgres import SUPERUSER, PostgresServer
from drill.servers.wal_keeping import WalKeeping

BASE = "dr-drill/debian:testing"
IMAGE = "dr-drill/pgbackrest"
RECIPE = Path(__file__).resolve().parent / "pgbackrest_image"
NAME = "pgbackrest"
STANZA = "bench"
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class PgBackRest:
    """Its program, its repository, and how a server's log gets there."""

    runtime: Runtime
    keeping: WalKeeping
    version: str

    def adopt(self, source: PostgresServer, *, compression: str) -> None:
        """Configure it for a server whose log it is to keep from now on, compressing as ``compression`` says.

        Args:
            source: runs already.
            compression: ``zst`` or ``gz``; the levels are those of our own backups.
        """
        home = self.keeping.directory
        level = "3" if compression == "zst" else "1"
        facts = {
            "global": {
                "repo1-path": home / "repository",
                "lock-path": home / "lock",
                "log-level-file": "off",
                "log-level-console": "off",
                "log-level-stderr": "warn",
                "compress-type": compression,
                "compress-level": level,
                "process-max": PROCESSES,
                "start-fast": "y",
            },
            STANZA: {"pg1-path": source.data, "pg1-port": source.port, "pg1-user": SUPERUSER},
        }
        lines = []
        for section, settings in facts.items():
            lines += [f"[{section}]", *(f"{name}={value}" for name, value in settings.items())]
        (home / "pgbackrest.conf").write_text("\n".join(lines) + "\n", "utf-8")
        password = home / "pgpass"
        shutil.copyfile(self.runtime.workspace.password_file(), password)
        password.chmod(0o600)
        for file in (home / "pgbackrest.conf", password):
            self.runtime.workspace.user.give(file)
        self._run("stanza-create", source)

    def back_up(self, source: PostgresServer) -> None:
        """Take a full backup; the server's log must get to it by now."""
        self._run("backup", source, "--type=full")

    def restore(self, target: PostgresServer) -> None:
        """Restore the newest backup to the server's empty data directory; nothing is archived from there."""
        self._run("restore", target, f"--pg1-path={target.data}", "--archive-mode=off")

    def _run(self, command: str, server: PostgresServer, *options: str) -> None:
        home = self.keeping.directory
        program = str(self.keeping.programs / NAME)
        run(
            [program, f"--config={home / 'pgbackrest.conf'}", f"--stanza={STANZA}", *options, command],
            # It takes the server's address from libpq's variables where it is given no socket.
            environment=server.environment() | {"PGPASSFILE": str(home / "pgpass"), "LC_ALL": "C.UTF-8"},
            directory=home,
            user=self.runtime.workspace.user,
        )


def prepared(runtime: Runtime) -> PgBackRest:
    """Return it, ready to be told of a server.

    Raises:
        RuntimeUnavailable: no engine answers, or the image cannot be had.
    """
    home = runtime.workspace.make(NAME)
    programs = runtime.workspace.directory / f"{NAME}-programs"
    programs.mkdir(mode=0o755)
    with _image_running() as container:
        client_programs.extract(container, [NAME], store=programs / "client", launchers=programs)
    said = run([str(programs / NAME), "version"], environment={"PATH": search_path()}).stdout
    options = f"--config={home / 'pgbackrest.conf'} --stanza={STANZA}"
    facts = {
        "name": NAME,
        "engine": "postgres",
        "set": NAME,
        "data": "database",
        "backup": f"{NAME} {options} backup",
        "restore": f"{NAME} {options} restore",
        "archive": f"{NAME} {options} archive-push %p",
        "fetch": f'{NAME} {options} archive-get %f "%p"',
        "archive_timeout": "5 min",
    }
    keeping = WalKeeping(Procedure.model_validate(facts), home, programs)
    return PgBackRest(runtime, keeping, said.split()[-1])


@contextmanager
def _image_running() -> Iterator[docker.models.containers.Container]:
    with closing(connect()) as client, plain_errors():
        try:
            client.images.get(BASE)
        except docker.errors.ImageNotFound:
            raise RuntimeUnavailable(f"there is no image {BASE}", remedy="run images/build") from None
        try:
            # As images/build does it: the host's network reaches the mirror whatever the bridge allows.
            image, _ = client.images.build(
                path=str(RECIPE), tag=IMAGE, buildargs={"BASE": BASE}, network_mode="host", rm=True, forcerm=True
            )
        except docker.errors.BuildError as error:
            raise RuntimeUnavailable(f"{IMAGE} was not built: {error}", remedy="reach a Debian mirror") from None
        container = client.containers.run(
            image.id,
            ["-f", "/dev/null"],
            entrypoint="tail",
            detach=True,
            network_mode="none",
            labels={LABEL: str(Owner.current())},
        )
        try:
            yield container
        finally:
            container.remove(force=True, v=True)
