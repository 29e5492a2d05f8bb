"""Whole machines in software emulation: made once, booted, lost with their disk, built again and booted once more."""

from drill.machines.machine import Machine, Silent
from drill.machines.store import MachineStore

__all__ = ["Machine", "MachineStore", "Silent"]
