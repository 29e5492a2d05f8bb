"""The files of the camera-counting application's host: what its users keep, its configuration, state and logs."""

from drill.datasets.host.logging import log, logged
from drill.datasets.host.seeding import seed
from drill.datasets.host.usage import canaries, health, ledger, password, write, written

__all__ = ["canaries", "health", "ledger", "log", "logged", "password", "seed", "write", "written"]
