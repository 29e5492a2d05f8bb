"""What a store holds, told apart value by value.

The oracle of every drill: ``postgres.fingerprint`` and ``redis.fingerprint`` read a server, ``files.fingerprint`` a
tree of files, and ``differences`` says in words what one lacks of the other.
"""

from drill.fingerprints.content import Content, Item, Tally
from drill.fingerprints.difference import Difference, Kind, differences, expirations
from drill.fingerprints.fingerprint import Fingerprint, FingerprintError

__all__ = [
    "Content",
    "Difference",
    "Fingerprint",
    "FingerprintError",
    "Item",
    "Kind",
    "Tally",
    "differences",
    "expirations",
]
