"""One message sent over one channel."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

from drill.errors import DrillError
from drill.evidence.redaction import conceal, redacted
from drill.policy.notification import Audience, Occasion

_ANY = "json://localhost/"
"""Whichever address Apprise is given first, it looks for all its channels then."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one message.

    Attributes:
        audience: who was to be told.
        when: at which point of the disaster.
        channel: the variable that holds the address; the address itself may hold a password.
        subject: of the message.
        delivered: whether the channel took it.
        reason: why not, secrets masked; empty where it did.
        to: the contacts that the policy names for it.
    """

    audience: Audience
    when: Occasion
    channel: str
    subject: str
    delivered: bool
    reason: str = ""
    to: tuple[str, ...] = ()


def send(address: str, *, subject: str, body: str) -> str:
    """Send a message to an address in Apprise's notation; return why it did not get there, or nothing.

    A receiver that is down, slow or refuses is an answer, never an error: a recovery must not depend on it.

    Raises:
        DrillError: Apprise is not installed.
    """
    apprise = _apprise()
    conceal(address)
    channel, said = apprise.Apprise(), []
    if not channel.add(address):
        return "Apprise does not know such an address"
    sent = channel.notify(
        title=subject,
        body=body,
        log_callback=lambda entry, _: said.append(str(entry.message)),
        log_level=logging.WARNING,
    )
    return "" if sent else redacted("; ".join(dict.fromkeys(said))) or "Apprise does not say why"


def load() -> None:
    """Load what sends messages, as far as it is installed.

    The first message would wait for it otherwise, 0.3 s on an idle machine, in which a small cache is back.
    """
    with suppress(DrillError):
        _apprise().Apprise().add(_ANY)


def _apprise() -> ModuleType:
    try:
        import apprise
    except ImportError as error:
        raise DrillError("Apprise is not installed", remedy='run: pip install "dr-drill[notification]"') from error
    return apprise
