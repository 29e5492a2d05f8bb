"""The files of the camera-counting application's host: what its users keep, its configuration, state and logs."""

from drill.datasets.host.logging import Log, logged
from drill.datasets.host.seeding import seed, seed_application
from drill.datasets.host.usage import canaries, draft, health, ledger, password, rewrite, write, written

__all__ = [
    "Log",
    "canaries",
    "draft",
    "health",
    "ledger",
    "logged",
    "password",
    "rewrite",
    "seed",
    "seed_application",
    "write",
    "written",
]
