"""Real receivers on this host, for drills: people must not be called out by a drill that they did not ask for."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from drill.errors import DrillError

HOST = "127.0.0.1"
NOBODY = f"json://{HOST}:9/"
"""Where nobody answers: the port is that of a service that no machine has run for decades."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it arrived, and when the receiver took it, by a clock that never goes back."""

    subject: str
    body: str
    arrived: float = field(default_factory=time.monotonic)


class Receiver(ABC):
    """Takes messages and keeps them, the first one first."""

    def __init__(self) -> None:
        self.received: list[Received] = []

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it listens, in Apprise's notation."""


class Webhook(Receiver):
    """An HTTP server that takes Apprise's JSON, as a pager's webhook does, or a chat's messages.

    While ``answering`` is cleared, it takes a message and keeps the sender waiting.
    """

    def __init__(self, server: ThreadingHTTPServer, *, address: str) -> None:
        super().__init__()
        self._server = server
        self._address = address
        self.answering = threading.Event()
        self.answering.set()

    @property
    def address(self) -> str:
        """Where it listens, in Apprise's notation."""
        return self._address.format(place=f"{HOST}:{self._server.server_port}")


class Mailbox(Receiver):
    """An SMTP server that takes every mail."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0

    @property
    def address(self) -> str:
        """Where it listens, in Apprise's notation."""
        return f"mailto://{HOST}:{self.port}?from=drill@example.invalid&to=users@example.invalid&mode=insecure"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("plain", "html"))
        self.received.append(Received(str(mail["Subject"]), body.get_content() if body else ""))
        return "250 taken"


def webhook() -> AbstractContextManager[Webhook]:
    """Take Apprise's JSON by HTTP until the block ends."""
    return _taking("json://{place}/", lambda said: Received(said["title"], said["message"]))


def chat() -> AbstractContextManager[Webhook]:
    """Take messages as a Mattermost server does, until the block ends: the first line of each is its subject."""
    return _taking("mmost://{place}/a-token-that-opens-nothing", lambda said: Received(*_lines(said["text"])))


def _lines(text: str) -> tuple[str, str]:
    subject, _, body = text.replace("\r", "").partition("\n")
    return subject, body


@contextmanager
def _taking(address: str, read: Callable[[Any], Received]) -> Iterator[Webhook]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.answering.wait()
            receiver.received.append(read(said))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Taking) as server:
        receiver = Webhook(server, address=address)
        thread = threading.Thread(target=server.serve_forever, name="webhook")
        thread.start()
        try:
            yield receiver
        finally:
            receiver.answering.set()
            server.shutdown()
            thread.join()


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Take mails by SMTP until the block ends.

    Raises:
        DrillError: the package that serves SMTP is not installed.
    """
    try:
        from aiosmtpd.smtp import SMTP
    except ImportError as error:
        raise DrillError("aiosmtpd is not installed", remedy='run: pip install "dr-drill[notification]"') from error
    receiver = Mailbox()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mailbox")
    thread.start()

    async def serve() -> asyncio.Server:
        # Not aiosmtpd's own controller: it cannot take whichever port is free.
        return await loop.create_server(lambda: SMTP(receiver, loop=loop), HOST, 0)

    async def end() -> None:
        server.close()
        await server.wait_closed()

    try:
        server = asyncio.run_coroutine_threadsafe(serve(), loop).result()
        receiver.port = server.sockets[0].getsockname()[1]
        try:
            yield receiver
        finally:
            asyncio.run_coroutine_threadsafe(end(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
