"""Telling people of a disaster: messages from the policy's templates, sent through Apprise, and what came of each."""

from drill.notifications.delivery import Delivery
from drill.notifications.messenger import Messenger

__all__ = ["Delivery", "Messenger"]
