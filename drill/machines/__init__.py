"""Whole machines in software emulation: made once, booted, lost with their disk, built again and booted once more."""

from drill.machines.application import Silent
from drill.machines.container import MachineContainer
from drill.machines.machine import Machine
from drill.machines.rescue import LostMachine
from drill.machines.store import ContainerStore, MachineStore

__all__ = ["ContainerStore", "LostMachine", "Machine", "MachineContainer", "MachineStore", "Silent"]
