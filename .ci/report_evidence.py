"""Which runs count, found out from their statements alone, with none of our code.

Statements are in-toto's, in DSSE envelopes; each names the hash of the one before it (docs/evidence.md).
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

Data = Mapping[str, Any]
NAME = "statement.dsse.json"


class Seal:
    """A run's statement: what it says of the run's files, where in which chain it stands, and who signed it."""

    def __init__(self, directory: pathlib.Path, keys: Sequence[Ed25519PublicKey]) -> None:
        envelope = json.loads((directory / NAME).read_text("utf-8"))
        payload = base64.b64decode(envelope["payload"])
        stated = json.loads(payload)
        link = stated["predicate"]["drDrill"]
        self.run, self.chain, self.number, self.previous = (
            link[name] for name in ("run", "chain", "number", "previous")
        )
        self.sha256 = hashlib.sha256(payload).hexdigest()
        files = {each["name"]: each["digest"]["sha256"] for each in stated["subject"]}
        self.holds = self.run == directory.name and files == _files(directory)
        kind = envelope["payloadType"].encode()
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        self.signed = any(
            _is_by(key, base64.b64decode(each["sig"]), message) for each in envelope["signatures"] for key in keys
        )

    def follows(self, before: Seal | None) -> bool:
        """Tell whether it was made right after that one of its chain."""
        if before is None:
            return self.previous is None and (self.number, self.chain) == (1, self.run)
        previous = {"run": before.run, "sha256": before.sha256}
        return self.number == before.number + 1 and self.previous == previous


def _files(directory: pathlib.Path) -> dict[str, str]:
    files = (path for path in directory.rglob("*") if not path.is_dir() and path.name != NAME)
    return {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _is_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_keys(policy: pathlib.Path, content: Data) -> list[Ed25519PublicKey]:
    """Return the keys that a policy's gate names."""
    named = content.get("gate", {}).get("public_keys", [])
    keys = [load_pem_public_key((policy.parent / name).read_bytes()) for name in named]
    return [key for key in keys if isinstance(key, Ed25519PublicKey)]


def differences(
    report: Data, reports: pathlib.Path, within: Sequence[str], keys: Sequence[Ed25519PublicKey]
) -> Iterator[str]:
    """Yield the runs that count and should not, or the other way round, and what is untrue of the evidence as such."""
    chains = _chains(reports, keys)
    sound, vouched = _sound(chains), _vouched(chains)
    told = {each["run"] for each in report["evidence"]["uncounted"]}
    for run in within:
        if run in sound and run in told:
            yield f"{run} does not count, and its evidence holds"
        if run not in sound and run not in told:
            yield f"{run} counts, and is not as it was sealed"
    sealed = {seal.run for chain in chains for seal in chain} & set(within)
    there = [[seal for seal in chain if seal.run in within] for chain in chains]
    ends = {f"{chain[-1].number}:{chain[-1].sha256}" for chain in there if chain}
    for name, found, said in (
        ("runs", len(within), report["evidence"]["runs"]),
        ("sealed runs", len(sealed), report["evidence"]["sealed"]),
        ("runs that a key stands for", len(vouched & set(within)), report["evidence"]["vouched"]),
        ("ends of chains", sorted(ends), sorted(report["evidence"]["heads"])),
    ):
        if found != said:
            yield f"{name}: {found}, not {said}"


def _chains(reports: pathlib.Path, keys: Sequence[Ed25519PublicKey]) -> list[list[Seal]]:
    seals = [Seal(path.parent, keys) for path in reports.glob(f"runs/*/{NAME}")]
    seals.sort(key=lambda seal: (seal.chain, seal.number))
    return [list(chain) for _, chain in itertools.groupby(seals, key=lambda seal: seal.chain)]


def _sound(chains: Sequence[Sequence[Seal]]) -> set[str]:
    return {
        seal.run
        for chain in chains
        for before, seal in itertools.pairwise([None, *chain])
        if seal is not None and seal.holds and seal.follows(before)
    }


def _vouched(chains: Sequence[Sequence[Seal]]) -> set[str]:
    """Return the runs for which a signature stands: their own, or a later one of those that follow."""
    vouched = set()
    for chain in chains:
        stands, after = False, None
        for seal in reversed(chain):
            stands = seal.signed or (stands and after is not None and after.follows(seal))
            if stands:
                vouched.add(seal.run)
            after = seal
    return vouched
