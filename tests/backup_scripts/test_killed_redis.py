"""redis_restore, killed before its effects: the server holds every key of the backup or none, also when it crashes."""

import re
import shutil
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.runtimes import Runtime
from drill.servers.redis import RedisServer
from tests.backup_scripts.interruption import Attempt, Interruption, points
from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.redis_servers import held

UNREAD = re.compile(r"^error: target-not-empty: (.+) holds data: .*move it away", re.MULTILINE)
NOT_BLANK = re.compile(r"^error: target-not-empty: the target holds keys .*name a blank server", re.MULTILINE)


class Targets:
    """Blank servers, one after the other; the last one is the target."""

    def __init__(self, runtime: Runtime, *, append_only: bool) -> None:
        self._runtime = runtime
        self._append_only = append_only
        self.server = RedisServer.blank(runtime, append_only=append_only)

    def renew(self) -> None:
        self.server.discard()
        self.server = RedisServer.blank(self._runtime, append_only=self._append_only)

    def restored(self, killing: Interruption, scripts: Scripts, backup_id: str) -> Attempt:
        """Run a restore; where it says what is in the way, do as it says and run it again."""
        while True:
            ran = killing.run(scripts.on(self.server.environment()), "redis_restore", backup_id)
            if NOT_BLANK.search(ran.said):
                self.renew()
            elif unread := UNREAD.search(ran.said):
                _move_away(Path(unread[1]), self.server.data)
            else:
                return ran


def _move_away(file: Path, data: Path) -> None:
    place = data / file.relative_to(data).parts[0]
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()


def found(server: RedisServer, whole: dict) -> str:
    """What the server holds when it has crashed as well, and is started again."""
    server.kill()
    server.start()
    holds = held(server)
    return "all" if holds == whole else "a part" if holds else "nothing"


@pytest.fixture(params=[False, True], ids=["with snapshots", "with an append-only file"])
def targets(runtime: Runtime, request: pytest.FixtureRequest):
    targets = Targets(runtime, append_only=request.param)
    yield targets
    targets.server.discard()


@pytest.mark.parametrize("seed", [7], ids=["seed 7"])
def test_a_cache_whose_restore_is_killed_anywhere_holds_all_or_nothing(
    killing: Interruption, scripts: Scripts, stored_snapshot, cache, targets, seed
):
    whole, repository, wrong = held(cache), contents(scripts.repository), []
    complete = targets.restored(killing, scripts, stored_snapshot.name)
    for at in points(complete, most=5, seed=seed):
        targets.renew()
        restoring = scripts.on(targets.server.environment())
        killed = killing.killed(restoring, "redis_restore", stored_snapshot.name, at=at)
        seen = found(targets.server, whole)
        if seen == "a part":
            wrong.append(f"{killed}: a part of the keys is there")
        again = targets.restored(killing, scripts, stored_snapshot.name)
        if not killed.killed or again.status or found(targets.server, whole) != "all":
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong
    assert repository == contents(scripts.repository)


def test_a_part_of_the_keys_would_be_seen(cache, blank_redis):
    with blank_redis.client() as client:
        client.set("recent", "a")
        client.save()

    assert "a part" == found(blank_redis, held(cache))
