"""The files of the camera-counting application's host: what its users keep, its configuration, state and logs."""

from drill.datasets.host.logging import Log, logged
from drill.datasets.host.seeding import seed
from drill.datasets.host.usage import canaries, health, ledger, write, written

__all__ = ["Log", "canaries", "health", "ledger", "logged", "seed", "write", "written"]
