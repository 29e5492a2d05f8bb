"""What a PostgreSQL database holds."""

from drill.fingerprints.postgres.database import fingerprint

__all__ = ["fingerprint"]
