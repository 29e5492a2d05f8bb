"""A blank target is handed on only while it is as blank as it was."""

from types import SimpleNamespace

import pytest

from drill.policy import Policy
from drill.verification.targets import DumpTarget, Targets
from tests.procedures import SHIPPED

DUMP = SHIPPED.procedures["postgres"]
BACKUP = SimpleNamespace(manifest=SimpleNamespace(source={"database": "counting"}))


class Clusters:
    """Makes servers that count themselves and remember whether they were discarded."""

    def __init__(self) -> None:
        self.made: list[SimpleNamespace] = []

    def blank(self) -> SimpleNamespace:
        server = SimpleNamespace(number=len(self.made), discarded=False)
        server.discard = lambda: setattr(server, "discarded", True)
        self.made.append(server)
        return server


@pytest.fixture
def clusters(monkeypatch):
    monkeypatch.setattr(DumpTarget.__base__, "leftovers", lambda store: store.server.left)
    return Clusters()


def used(targets, *, left=None):
    """Use a target: a restore that was refused and left something (or nothing), or one that was done."""
    with targets.blank(DUMP, BACKUP) as target:
        target.server.left = left
        if left is not None:
            target.leftovers()
        return target.server.number


def targets_on(clusters, policy: Policy = SHIPPED) -> Targets:
    return Targets(policy, None, clusters)


def test_one_that_a_refusal_left_blank_is_used_again(clusters):
    targets = targets_on(clusters)

    assert [0, 0] == [used(targets, left=[]), used(targets, left=[])]


def test_one_that_a_refusal_has_touched_is_not(clusters):
    targets = targets_on(clusters)

    assert [0, 1] == [used(targets, left=["database counting"]), used(targets)]


def test_one_that_was_restored_to_is_not_whatever_it_was_before(clusters):
    targets = targets_on(clusters)

    assert [0, 0, 1] == [used(targets, left=[]), used(targets), used(targets)]
    assert [True, True] == [server.discarded for server in clusters.made]
