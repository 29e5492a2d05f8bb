"""Sabotage: what happens to backups and restored stores in the field, done on purpose. No check may import this."""

from drill.damage.archives import add_trick
from drill.damage.database import SABOTAGE, sabotage
from drill.damage.definitions import misuse_password, remove_image
from drill.damage.files import DAMAGES, damage, damage_object
from drill.damage.keys import KEY_DAMAGES, damage_key, damage_log_key
from drill.damage.links import damage_link
from drill.damage.procedures import bootless, forgetful, narrowed, siteless
from drill.damage.server import damage_files, damage_server
from drill.damage.unsealed import UNSEALED, attribute, damage_unsealed
from drill.damage.wal import damage_segment, damage_segment_unsealed

__all__ = [
    "DAMAGES",
    "KEY_DAMAGES",
    "SABOTAGE",
    "UNSEALED",
    "add_trick",
    "attribute",
    "bootless",
    "damage",
    "damage_files",
    "damage_key",
    "damage_link",
    "damage_log_key",
    "damage_object",
    "damage_segment",
    "damage_segment_unsealed",
    "damage_server",
    "damage_unsealed",
    "forgetful",
    "misuse_password",
    "narrowed",
    "remove_image",
    "sabotage",
    "siteless",
]
