"""Whatever people put into databases: one of everything, and content that is made up at random.

Nothing here speaks of backups. ``fill`` puts any number of examples into one database, each into a schema of its own,
so that one backup and one restore can carry them all.
"""

from drill.datasets.awkward.everything import everything
from drill.datasets.awkward.example import UNLOGGED, Abilities, Example, abilities, fill
from drill.datasets.awkward.made_up import made_up

__all__ = ["UNLOGGED", "Abilities", "Example", "abilities", "everything", "fill", "made_up"]
