"""Keys: made where nobody else reads them, and refused where others could."""

import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drill.errors import DrillError
from drill.evidence import keys


@pytest.fixture
def pair(tmp_path):
    return keys.create(tmp_path / "new" / "pair")


def test_the_private_key_is_for_its_owner_s_eyes_only(pair):
    assert 0o600 == stat.S_IMODE(pair.private.stat().st_mode)
    assert 0o700 == stat.S_IMODE(pair.private.parent.stat().st_mode)
    assert b"PRIVATE" not in pair.public.read_bytes()


def test_signatures_name_the_key_that_verifies_them(pair):
    signer = keys.signer_from({keys.VARIABLE: str(pair.private)})

    assert pair.identifier == signer.public_key.keyid == keys.public_key(pair.public).keyid


def test_without_a_name_there_is_no_signer():
    assert None is keys.signer_from({})
    assert None is keys.signer_from({keys.VARIABLE: ""})


def test_keys_are_never_overwritten(pair):
    before = pair.private.read_bytes()
    pair.public.unlink()

    with pytest.raises(DrillError, match="is there already"):
        keys.create(pair.private.parent)
    assert before == pair.private.read_bytes()


@pytest.mark.parametrize("place", ["checkout", "checkout/below/it", "link"])
def test_keys_are_never_put_into_a_checkout(tmp_path, place):
    (tmp_path / "checkout" / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "checkout")

    with pytest.raises(DrillError, match="lies in the checkout"):
        keys.create(tmp_path / place)
    assert [] == list(tmp_path.rglob("*.pem"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_private_key_that_others_could_have_is_refused(pair, mode):
    pair.private.chmod(mode)

    with pytest.raises(DrillError, match=r"read by others.*chmod 600"):
        keys.signer_from({keys.VARIABLE: str(pair.private)})


def test_what_is_no_ed25519_key_is_refused(tmp_path, pair):
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair.private.write_bytes(pem)

    with pytest.raises(DrillError, match="no Ed25519 key"):
        keys.signer_from({keys.VARIABLE: str(pair.private)})


def test_what_is_no_key_is_refused(tmp_path, pair):
    for path in (pair.private, pair.public):
        path.write_text("nonsense")

    with pytest.raises(DrillError, match="no key that can be read"):
        keys.signer_from({keys.VARIABLE: str(pair.private)})
    with pytest.raises(DrillError, match="no key that can be read"):
        keys.public_key(pair.public)
    with pytest.raises(DrillError, match="cannot be read: No such file"):
        keys.public_key(tmp_path / "none.pem")
