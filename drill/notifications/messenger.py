"""Sends the policy's messages beside a recovery, which never waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial

from drill.notifications.delivery import Delivery, load, send
from drill.policy import Notification
from drill.policy.notification import Audience, Occasion

LONGEST = timedelta(seconds=30)
"""How long a message may take once the recovery is over; then it counts as not delivered."""


def _untold(_audience: Audience) -> None:
    """Tell nobody that an audience has been told."""


class Messenger:
    """Tells whom the policy names; use as a context manager, which waits for nobody."""

    def __init__(self, notifications: Sequence[Notification], *, channels: Mapping[str, str]) -> None:
        """Remember what is to be told and where.

        Args:
            notifications: of the policy.
            channels: the addresses by variable; one that is not set cannot be reached, which is told.
        """
        self._notifications = tuple(notifications)
        self._channels = channels
        self._senders = ThreadPoolExecutor(max(1, len(self._notifications)), thread_name_prefix="messenger")
        self._sent: list[tuple[Notification, str, Future[str]]] = []

    def __enter__(self) -> Messenger:
        """Be ready before anything happens."""
        if self._notifications:
            load()
        return self

    def __exit__(self, *_: object) -> None:
        """Send nothing more; a message that is under way comes to its own end."""
        self._senders.shutdown(wait=False, cancel_futures=True)

    def tell(self, when: Occasion, facts: Mapping[str, str], *, told: Callable[[Audience], object] = _untold) -> None:
        """Begin to send every message of that occasion.

        Args:
            when: the occasion.
            facts: fill in the placeholders.
            told: is called once for each audience when all its messages of the occasion have got there.
        """
        messages = [each for each in self._notifications if each.when == when]
        for audience in dict.fromkeys(each.audience for each in messages):
            addressed = [each for each in messages if each.audience == audience]
            arrived = _Countdown(len(addressed), partial(told, audience))
            for each in addressed:
                subject, body = each.subject.format(**facts), each.message.format(**facts)
                sent = self._senders.submit(self._send, each.channel, subject, body, arrived)
                self._sent.append((each, subject, sent))

    def deliveries(self, *, patience: timedelta = LONGEST) -> list[Delivery]:
        """Return what came of every message so far, in the order in which they were sent.

        Args:
            patience: how long those may take that are still under way.

        Raises:
            DrillError: Apprise is not installed.
        """
        wait([future for *_, future in self._sent], timeout=patience.total_seconds())
        return [_delivery(notification, subject, future) for notification, subject, future in self._sent]

    def _send(self, channel: str, subject: str, body: str, arrived: _Countdown) -> str:
        address = self._channels.get(channel)
        reason = send(address, subject=subject, body=body) if address else f"{channel} is not set"
        if not reason:
            arrived.one_less()
        return reason


class _Countdown:
    """Calls something once a number of things have happened, in whichever thread the last one does."""

    def __init__(self, number: int, then: Callable[[], object]) -> None:
        self._left = number
        self._then = then
        self._turn = threading.Lock()

    def one_less(self) -> None:
        with self._turn:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._then()


def _delivery(notification: Notification, subject: str, future: Future[str]) -> Delivery:
    reason = future.result() if future.done() else "the receiver has not answered yet"
    return Delivery(
        notification.audience, notification.when, notification.channel, subject, not reason, reason, notification.to
    )
