"""A restored PostgreSQL directory is looked at before a server is started on it."""

import pytest

from drill.servers.process import ServerError
from drill.servers.wal_keeping import WalKeeping
from drill.stores import ClusterStore
from drill.verification import restoration
from tests.procedures import SHIPPED
from tests.verification.test_machine_judging import DONE_AT_ONCE


class Ended(ClusterStore):
    """A server that ends as soon as it is started, and tells that it was."""

    def replay(self):
        raise ServerError("it was started", remedy="none")


@pytest.fixture
def judged(tmp_path):
    """Judges a server as one that a backup was just restored to."""

    def judged(server):
        keeping = WalKeeping(SHIPPED.procedures["postgres-physical"], tmp_path, tmp_path)
        ended = Ended(server, keeping)
        done = restoration.judged("postgres-physical/1", "end", DONE_AT_ONCE, None, store=ended, flawed=False)
        return [finding.id for finding in done.findings]

    return judged


def test_without_its_label_it_is_no_restore_whatever_it_holds(judged, fresh_postgres):
    assert ["LABEL-MISSING", "NOT-RECOVERED"] == judged(fresh_postgres)
    (fresh_postgres.data / "backup_label").touch()
    assert ["NOT-RECOVERED"] == judged(fresh_postgres)


def test_what_cannot_be_looked_at_is_told(judged, fresh_postgres):
    fresh_postgres.stop()
    (fresh_postgres.data / "global/pg_control").unlink()

    assert ["NOT-EXAMINED", "NOT-RECOVERED"] == judged(fresh_postgres)
