"""Messages that try their channels: those of a disaster, which say that there is none."""

from __future__ import annotations

from drill.policy import Notification

FACTS = {
    "disaster": "none, this is a test",
    "systems": "none",
    "declared": "never",
    "impact": "none",
    "outcome": "Nothing has happened",
    "took": "no time",
}
"""What fills in the placeholders."""
_MARK = "[TEST] "
_TOLD = "This is a test of the channel. Nothing has happened, and there is nothing to do.\n\n"


def marked(notification: Notification) -> Notification:
    """Return a message that nobody can take for one of a disaster, for the same people over the same channel."""
    told = {"subject": _MARK + notification.subject, "message": _TOLD + notification.message}
    return notification.model_copy(update=told)
