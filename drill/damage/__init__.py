"""Sabotage: what happens to stored backups in the field, done to a copy on purpose. No check may import this."""

from drill.damage.files import DAMAGES, damage
from drill.damage.links import damage_link
from drill.damage.server import damage_server
from drill.damage.wal import damage_segment

__all__ = ["DAMAGES", "damage", "damage_link", "damage_segment", "damage_server"]
