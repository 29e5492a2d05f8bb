"""What a git repository holds: every ref, every object that one needs, and the large files beside them."""

from drill.fingerprints.git.repository import borrows_from, fingerprint

__all__ = ["borrows_from", "fingerprint"]
