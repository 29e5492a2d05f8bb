"""The line to a site, which can go dead in the middle of a transfer."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import replace
from types import TracebackType

from drill.sites.site import Site

_CHUNK = 1 << 16


class Line:
    """Carries what is sent to a site and back until so many bytes went up or down; then nothing any more."""

    def __init__(self, site: Site, *, up: int | None = None, down: int | None = None) -> None:
        """Prepare it.

        Args:
            site: its far end.
            up: after so many bytes to the site it goes dead; None: never.
            down: the same for bytes from the site.
        """
        host, _, port = site.account("administrator").endpoint.rpartition("/")[2].partition(":")
        self._far_end = (host, int(port))
        self._left: dict[str, int | None] = {"up": up, "down": down}
        self._count = threading.Lock()
        self._dead = threading.Event()
        self._site = site
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = [self._listener]

    def __enter__(self) -> Line:
        """Open it."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Hang up."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @property
    def is_dead(self) -> bool:
        """Whether it has gone dead."""
        return self._dead.is_set()

    @property
    def site(self) -> Site:
        """The site as it is reached over this line."""
        endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        accounts = {role: replace(each, endpoint=endpoint) for role, each in self._site.accounts.items()}
        return replace(self._site, accounts=accounts)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # hung up
                return
            far = socket.create_connection(self._far_end)
            self._ends += [near, far]
            for source, target, way in ((near, far, "up"), (far, near, "down")):
                threading.Thread(target=self._carry, args=(source, target, way), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if not (part := self._allowed(data, way)):
                    return
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)

    def _allowed(self, data: bytes, way: str) -> bytes:
        with self._count:
            left = self._left[way]
            if self._dead.is_set():
                return b""
            if left is None:
                return data
            if len(data) >= left:
                self._dead.set()
                return data[:left]
            self._left[way] = left - len(data)
            return data
