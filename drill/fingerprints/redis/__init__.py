"""What a Redis server holds."""

from drill.fingerprints.redis.server import fingerprint

__all__ = ["fingerprint"]
