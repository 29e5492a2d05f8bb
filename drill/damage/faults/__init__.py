"""The catalogue of faults: what befalls backups in the field, each to be injected into a copy and to be noticed."""

from __future__ import annotations

from drill.damage.faults import (
    archives,
    caches,
    ciphertext,
    contents,
    copies,
    databases,
    dumping,
    dumps,
    files,
    hosts,
    increments,
    keeping,
    logs,
    machines,
    mirrors,
    physical,
    records,
    sites,
    starting,
    targets,
)
from drill.damage.faults.fault import Fault, Scene

CATALOGUE: tuple[Fault, ...] = (
    *dumps.FAULTS,
    *dumping.FAULTS,
    *contents.FAULTS,
    *databases.FAULTS,
    *physical.FAULTS,
    *starting.FAULTS,
    *increments.FAULTS,
    *logs.FAULTS,
    *targets.FAULTS,
    *caches.FAULTS,
    *archives.FAULTS,
    *files.FAULTS,
    *hosts.FAULTS,
    *mirrors.FAULTS,
    *machines.FAULTS,
    *keeping.FAULTS,
    *copies.FAULTS,
    *sites.FAULTS,
    *records.FAULTS,
    *ciphertext.FAULTS,
)

__all__ = ["CATALOGUE", "Fault", "Scene"]
