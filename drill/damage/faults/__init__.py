"""The catalogue of faults: what befalls backups in the field, each to be injected into a copy and to be noticed."""

from __future__ import annotations

from drill.damage.faults import (
    archives,
    caches,
    ciphertext,
    databases,
    dumping,
    dumps,
    files,
    hosts,
    keeping,
    logs,
    machines,
    mirrors,
    physical,
    records,
)
from drill.damage.faults.fault import Fault, Scene

CATALOGUE: tuple[Fault, ...] = (
    *dumps.FAULTS,
    *dumping.FAULTS,
    *databases.FAULTS,
    *physical.FAULTS,
    *logs.FAULTS,
    *caches.FAULTS,
    *archives.FAULTS,
    *files.FAULTS,
    *hosts.FAULTS,
    *mirrors.FAULTS,
    *machines.FAULTS,
    *keeping.FAULTS,
    *records.FAULTS,
    *ciphertext.FAULTS,
)

__all__ = ["CATALOGUE", "Fault", "Scene"]
