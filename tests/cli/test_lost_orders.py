"""An order to end that comes where Python drops what is raised."""

import os
import signal
import sys

import pytest

from drill.ending import ended_in_order
from drill.waiting import Patience, eventually


class Deleted:
    """Is told to end while it is being deleted."""

    def __init__(self, order):
        self.order = order

    def __del__(self):
        os.kill(os.getpid(), self.order)


def never():
    """What a command waits for that has no end of its own."""
    return False


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGHUP])
def test_it_ends_the_command_all_the_same(order):
    with pytest.raises(KeyboardInterrupt), ended_in_order():
        Deleted(order)
        eventually("the end", never, Patience.SERVER_GONE)


def test_whatever_else_is_dropped_is_told_as_usual(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    class Broken:
        def __del__(self):
            raise ValueError

    with ended_in_order():
        Broken()

    assert [ValueError] == [each.exc_type for each in told]
