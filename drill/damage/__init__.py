"""Sabotage: what happens to stored backups in the field, done to a copy on purpose. No check may import this."""

from drill.damage.files import DAMAGES, damage
from drill.damage.procedures import forgetful
from drill.damage.unsealed import UNSEALED, attribute, damage_unsealed

__all__ = ["DAMAGES", "UNSEALED", "attribute", "damage", "damage_unsealed", "forgetful"]
