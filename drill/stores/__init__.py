"""The estate's stores: one way to ask a database and a cache what they hold, to lose them and to get a blank target."""

from drill.stores.cache import CacheStore
from drill.stores.cluster import ClusterStore, OpenCluster
from drill.stores.database import DatabaseCopy, DatabaseStore
from drill.stores.store import Store

__all__ = ["CacheStore", "ClusterStore", "DatabaseCopy", "DatabaseStore", "OpenCluster", "Store"]
