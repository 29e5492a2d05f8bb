"""Two backups at once into one set: the second is turned away, and does not disturb the first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drill.datasets import source
from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, ended, replacing
from tests.backup_scripts.redis_servers import held, server_with


@dataclass(frozen=True)
class Halted:
    """A script, and which call of which program it waits in while the other one runs."""

    script: str
    program: str
    call: str
    arguments: tuple[str, ...] = ()


OF_A_CACHE = (
    Halted("redis_snapshot", "redis-cli", "--rdb"),
    Halted("redis_snapshot", "redis-cli", "BGSAVE", ("--method=bgsave",)),
    Halted("redis_appendonly", "redis-cli", "CONFIG SET auto-aof-rewrite-percentage 0"),
)
OF_FILES = (Halted("files_archive", "tar", "--create", ("home",)), Halted("source_mirror", "git", "clone"))


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, str]:
    """A directory with a file, which is a bare repository as well."""
    place = tmp_path / "source"
    source.seed(place, seed=7, scale=1)
    (place / "home").mkdir()
    (place / "home" / "file").write_text("content")
    return {"BACKUP_SOURCE": str(place), "PATH": os.environ["PATH"]}


def one_turned_away(halted: Halted, scripts: Scripts, environment: Mapping[str, str], place: Path) -> None:
    """Take two backups at once, prune meanwhile, and see that there is the first, as whole as if it had been alone."""
    begun, go_on = place / "begun", place / "go-on"
    script = f"""
    case "$*" in *'{halted.call}'*) touch {begun}; while ! test -e {go_on}; do sleep 0.05; done;; esac
    exec "$REAL" "$@" """
    slow = replacing(halted.program, script, environment=environment, directory=place / "programs")
    with scripts.on(slow).start(halted.script, *halted.arguments) as process:
        eventually("the first begins", begun.exists, Patience.SERVER_READY)
        second = scripts.on(environment).run(halted.script, *halted.arguments)
        pruning = scripts.run("retention_prune")
        go_on.touch()
        first = ended(process)

    assert (1, "set-busy") == (second.status, second.slug), second.said
    assert (1, "set-busy") == (pruning.status, pruning.slug), pruning.said
    assert 0 == first.status, first.said
    assert [first.result["id"]] == [name for name in scripts.in_sight() if not name.startswith(".")]
    assert [first.result["id"]] == scripts.done("backup_verify")["verified"]


@pytest.mark.redis
@pytest.mark.parametrize("halted", OF_A_CACHE, ids=lambda each: " ".join([each.script, *each.arguments]))
def test_of_two_backups_of_a_cache_one_is_told_to_wait(halted, scripts: Scripts, runtime, tmp_path):
    with server_with(runtime, append_only=True) as server:
        with server.client() as client:
            client.mset({"photo": "a" * 5000, "counter": 1})
        before = held(server)
        one_turned_away(halted, scripts, server.environment(), tmp_path)

        assert before == held(server)


@pytest.mark.parametrize("halted", OF_FILES, ids=lambda each: each.script)
def test_of_two_backups_of_files_one_is_told_to_wait(halted, scripts: Scripts, files, tmp_path):
    one_turned_away(halted, scripts, files, tmp_path)

    assert "content" == Path(files["BACKUP_SOURCE"], "home", "file").read_text()
