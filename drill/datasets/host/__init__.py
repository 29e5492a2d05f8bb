"""The files of the camera-counting application's host: what its users keep, its configuration, state and logs."""

from drill.datasets.host.seeding import seed
from drill.datasets.host.usage import health, ledger, write, written

__all__ = ["health", "ledger", "seed", "write", "written"]
