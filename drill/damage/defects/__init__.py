"""The catalogue of defects: what scripts get wrong in the field, each to turn a scenario red."""

from __future__ import annotations

from drill.damage.defects import caches, copies, databases, files, keeping, logs
from drill.damage.defects.defect import Defect, Edit, Unnoticed

DEFECTS: tuple[Defect, ...] = (
    *databases.DEFECTS,
    *logs.DEFECTS,
    *caches.DEFECTS,
    *files.DEFECTS,
    *keeping.DEFECTS,
    *copies.DEFECTS,
)
UNNOTICED: tuple[Unnoticed, ...] = keeping.UNNOTICED

__all__ = ["DEFECTS", "UNNOTICED", "Defect", "Edit", "Unnoticed"]
