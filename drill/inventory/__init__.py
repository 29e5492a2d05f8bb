"""What a repository holds and what of it does not hold: sets, backups, chains, the archived log.

``take`` is the door. It reads; nothing in the repository is touched.
"""

from drill.inventory.entry import Entry, Flaw
from drill.inventory.repository import Inventory, SetInventory, take

__all__ = ["Entry", "Flaw", "Inventory", "SetInventory", "take"]
