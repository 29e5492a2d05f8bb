"""Stub until the real one lands."""

from drill.fingerprints.fingerprint import Fingerprint


def fingerprint(connection):
    return Fingerprint(engine="x", facts={"a": "b"}, contents={})
