"""A rehearsal ends the log with what was written last, so that nobody can lose its newest segment and miss nothing."""

from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

from drill.rehearsal import rehearsal


class Server:
    """A server, as far as a rehearsal asks it; it remembers what it was asked for, in order."""

    procedure = "postgres-physical"
    keeping = SimpleNamespace(procedure=SimpleNamespace(archive="archive it"))

    def __init__(self):
        self.asked = []
        self.server = SimpleNamespace(connect=self.connect)

    @contextmanager
    def connect(self, _database):
        yield SimpleNamespace(execute=lambda statement, *_: self.asked.append(statement.split("(")[0]))

    def written(self):
        return set()

    def write(self, _numbers):
        self.asked.append("write")

    def archive_now(self):
        self.asked.append("archive")

    def fingerprint(self):
        self.asked.append("read")
        return SimpleNamespace(to_json=dict)

    def health(self):
        return ()

    def size(self):
        return 1


def test_what_was_written_last_is_archived_before_anybody_takes_the_time_to_read_it(tmp_path):
    sources = SimpleNamespace(repository=tmp_path, receivers={})
    taking = rehearsal._Taking(sources, runbook=None)
    server = Server()
    taking._clusters.append(server)
    taking._taken[server.procedure] = [SimpleNamespace(id="1", finished=datetime.now(UTC))]
    taking._states[server.procedure] = []
    taking.finish()
    last = len(server.asked) - 1 - server.asked[::-1].index("write")

    assert ["write", "archive"] == server.asked[last : last + 2]
    assert "read" == server.asked[-1]
    assert ["name:before-the-mistake", "end"] == [state.target for state in taking._states[server.procedure]]
