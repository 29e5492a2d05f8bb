"""Sabotage: what happens to stored backups in the field, done to a copy on purpose. No check may import this."""

from drill.damage.files import DAMAGES, damage

__all__ = ["DAMAGES", "damage"]
