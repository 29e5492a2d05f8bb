"""The drill's host as an ordinary user plants it, who may not do everything that root may."""

import os
import stat
from pathlib import Path

import pytest

from drill import policy
from drill.datasets import host
from drill.datasets.host import bulk, planting
from drill.datasets.host.planting import NO_CLOSED, NO_OWNERS
from drill.hosts import AppHost
from drill.stores import HostStore

POLICY = policy.load(Path(__file__).parent.parent / "policy.toml")
LOCKED = "home/bình/rỗng"


@pytest.fixture(params=[True, False], ids=["root", "an ordinary user"])
def as_root(request, monkeypatch):
    if request.param and os.geteuid() != 0:
        pytest.skip("only root plants what root may")
    monkeypatch.setattr(planting, "AS_ROOT", request.param)
    return request.param


def test_a_disk_image_takes_little_until_its_holes_are_filled(tmp_path):
    (tmp_path / "home/an").mkdir(parents=True)
    bulk.plant(tmp_path, files=3, size=8 << 20, seed=7)
    planted = bulk.image_room(tmp_path)
    image = tmp_path / bulk.IMAGE
    image.write_bytes(image.read_bytes())
    filled = bulk.image_room(tmp_path)

    assert (8 << 20, 8 << 20) == (planted.size, filled.size)
    assert planted.taken < 1 << 20 < filled.taken
    assert 3 == sum(path.is_file() for path in (tmp_path / bulk.MANY).rglob("*"))


def test_files_grow_to_a_size_beside_what_is_there(tmp_path):
    app_host = AppHost(tmp_path)
    app_host.root.mkdir()
    host.seed(app_host.root, seed=7, scale=1)
    store = HostStore(app_host, POLICY.procedures["logs"])
    before = {path: path.read_bytes() for path in (app_host.root / "var/log").rglob("*") if path.is_file()}
    sizes = []
    for size in (3_000_000, 4_500_000):
        store.grow(size)
        sizes.append(store.size())
    lost = [path for path, content in before.items() if path.read_bytes() != content]

    assert 3_000_000 <= sizes[0] < 4_500_000 <= sizes[1] < 6_000_000
    assert [] == lost


def test_a_place_that_is_there_already_is_planted_as_it_is_to_be(tmp_path, as_root):
    (tmp_path / "home").mkdir(mode=0o700)
    host.seed_application(tmp_path, seed=7, scale=1)

    assert 0o755 == (tmp_path / "home").stat().st_mode & 0o7777


def test_whoever_plants_can_back_it_up(tmp_path, as_root):
    missing = host.seed(tmp_path, seed=7, scale=1)
    files = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
    locked = [path for path in files if not path.stat().st_mode & stat.S_IRUSR]

    assert [tmp_path / LOCKED] * as_root == locked
    assert (set() if as_root else {NO_OWNERS, NO_CLOSED}) == {NO_OWNERS, NO_CLOSED} & set(missing)
