"""The estate's stores: one way to ask each of them what it holds, to lose it and to get a blank target."""

from drill.stores.cache import CacheStore
from drill.stores.cluster import ClusterStore, OpenCluster
from drill.stores.database import DatabaseCopy, DatabaseStore
from drill.stores.host import HostStore, LogStore
from drill.stores.source import SourceStore
from drill.stores.store import GrowingStore, IncrementalStore, ServerStore, Store

__all__ = [
    "CacheStore",
    "ClusterStore",
    "DatabaseCopy",
    "DatabaseStore",
    "GrowingStore",
    "HostStore",
    "IncrementalStore",
    "LogStore",
    "OpenCluster",
    "ServerStore",
    "SourceStore",
    "Store",
]
