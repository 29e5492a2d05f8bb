"""The drill's host as an ordinary user plants it, who may not do everything that root may."""

import os
import stat

import pytest

from drill.datasets import host
from drill.datasets.host import planting
from drill.datasets.host.planting import NO_CLOSED, NO_OWNERS

LOCKED = "home/bình/rỗng"


@pytest.fixture(params=[True, False], ids=["root", "an ordinary user"])
def as_root(request, monkeypatch):
    if request.param and os.geteuid() != 0:
        pytest.skip("only root plants what root may")
    monkeypatch.setattr(planting, "AS_ROOT", request.param)
    return request.param


def test_whoever_plants_can_back_it_up(tmp_path, as_root):
    missing = host.seed(tmp_path, seed=7, scale=1)
    files = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
    locked = [path for path in files if not path.stat().st_mode & stat.S_IRUSR]

    assert [tmp_path / LOCKED] * as_root == locked
    assert (set() if as_root else {NO_OWNERS, NO_CLOSED}) == {NO_OWNERS, NO_CLOSED} & set(missing)
