"""A server's copy has the passwords of where it is from; it is verified all the same, and lets no stranger in."""

import psycopg
import pytest
from pydantic import SecretStr

from drill.backups.catalogue import backups
from drill.evidence.verdict import Verdict
from drill.verification.targets import PhysicalTarget


@pytest.fixture
def known_here(runtime, monkeypatch):
    """Another password is known here than the one that was backed up."""
    file = runtime.workspace.password_file()
    text = file.read_text()
    monkeypatch.setattr(runtime.workspace, "password", SecretStr("known-here-and-nowhere-else"))
    file.write_text("*:*:*:postgres:known-here-and-nowhere-else\n")
    yield
    file.write_text(text)


def test_it_is_restored_read_and_judged(rehearsed, verified, known_here, monkeypatch):
    asked = []
    read = PhysicalTarget.fingerprint

    def read_by_strangers_too(target):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=target.server.host, port=target.server.port, user="postgres", password="")
        asked.append(target)
        return read(target)

    monkeypatch.setattr(PhysicalTarget, "fingerprint", read_by_strangers_too)
    full = backups(rehearsed / "postgres-physical")[0]
    report = verified(rehearsed, only="postgres-physical", backup=full.id)

    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert 1 == len(asked)
