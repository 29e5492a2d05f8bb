"""A server that archives its log, told to do so now."""

from __future__ import annotations

from drill.stores import OpenCluster


def test_there_is_nothing_to_wait_for_where_nothing_was_written_since(open_cluster: OpenCluster) -> None:
    (store,) = open_cluster("postgres-physical")
    store.archive_now()
    newest = store.keeping.newest_segment()
    store.archive_now()

    assert newest == store.keeping.newest_segment()
