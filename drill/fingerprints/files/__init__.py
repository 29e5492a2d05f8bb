"""What a tree of files holds: names, modes, owners, times, contents, links and attributes."""

from drill.fingerprints.files.tree import fingerprint

__all__ = ["fingerprint"]
