"""A repository with a set of backups in it."""

import pytest

from tests.inventory.stored import DAY, PHYSICAL, SEGMENTS, archive, named
from tests.repositories import LAST_NIGHT


@pytest.fixture
def repository(tmp_path):
    return tmp_path / "repository"


@pytest.fixture
def home(repository):
    return repository / "redis"


@pytest.fixture
def backup(home):
    return named(home)


@pytest.fixture
def chain(home):
    """A full backup and two increments, the oldest first."""
    links = [named(home, finished=LAST_NIGHT - 3 * DAY).name]
    for days in (2, 1):
        links.append(named(home, finished=LAST_NIGHT - days * DAY, kind="incremental", parent=links[-1]))
    return links


@pytest.fixture
def log(home):
    """Six archived segments and a base backup that begins in the third of them."""
    named(home, source=PHYSICAL)
    place = home / "wal"
    place.mkdir()
    for name in SEGMENTS:
        archive(place, f"{name}.gz")
    return place
