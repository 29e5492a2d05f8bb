"""Sabotage: what happens to backups and restored stores in the field, done on purpose. No check may import this."""

from drill.damage.database import SABOTAGE, sabotage
from drill.damage.files import DAMAGES, damage

__all__ = ["DAMAGES", "SABOTAGE", "damage", "sabotage"]
