"""Arbitrary content for a cache: whatever was written, in whatever order, has to come back."""

from drill.arbitrary.machine import Survival, survive

__all__ = ["Survival", "survive"]
