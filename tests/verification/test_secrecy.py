"""What the policy has encrypted and is not is named, and so is a key that lies beside what it opens."""

import pytest

from drill.secrecy.encryption import encrypt, make_key
from drill.verification.reading import of_secrecy
from tests.repositories import written


@pytest.fixture
def recipient(tmp_path):
    return make_key(tmp_path / "elsewhere.key")


def coded(repository, recipient):
    return written(repository / "redis", files={"dump.rdb.age": encrypt(b"REDIS0011", recipient=recipient)})


def found(repository):
    return [(finding.id, finding.object) for finding in of_secrecy(repository, ["redis"])]


def test_what_is_encrypted_is_not_accused(tmp_path, recipient):
    coded(tmp_path / "repository", recipient)
    (tmp_path / "repository/redis/wal").mkdir()
    (tmp_path / "repository/redis/wal/archive.sha256").write_text("0  0\n")
    (tmp_path / "repository/redis/.lock").write_text("")

    assert [] == found(tmp_path / "repository")


def test_plaintext_is_named_whatever_it_is_called(tmp_path):
    backup = written(tmp_path / "redis", files={"dump.rdb.age": b"REDIS0011"})

    assert [("UNENCRYPTED", f"redis/{backup.id}/dump.rdb.age")] == found(tmp_path)


def test_a_segment_of_the_log_counts_as_well(tmp_path, recipient):
    coded(tmp_path / "repository", recipient)
    (tmp_path / "repository/redis/wal").mkdir()
    (tmp_path / "repository/redis/wal/000000010000000000000001.gz").write_bytes(b"\x1f\x8b")

    assert [("UNENCRYPTED", "redis/wal/000000010000000000000001.gz")] == found(tmp_path / "repository")


@pytest.mark.parametrize("place", ["backup.key", "redis/backup.key"])
def test_a_key_beside_what_it_opens_is_named(tmp_path, recipient, place):
    coded(tmp_path / "repository", recipient)
    make_key(tmp_path / "repository" / place)

    assert [("KEY-BESIDE", place)] == found(tmp_path / "repository")
