"""What is concealed is masked in every form that it takes."""

import json
from urllib.parse import quote

import pytest

from drill.evidence import redaction
from drill.evidence.redaction import conceal, redacted, redacted_bytes


@pytest.fixture(autouse=True)
def nothing_concealed(monkeypatch):
    monkeypatch.setattr(redaction, "_secrets", {})


def test_what_is_not_concealed_stays():
    assert "nothing to hide..." == redacted("nothing to hide...")


def test_a_concealed_secret_is_masked_wherever_it_stands():
    conceal("s3cret-word")

    assert "a ••• and ••••••" == redacted("a s3cret-word and s3cret-words3cret-word")
    assert b"\xff" + "•••".encode() == redacted_bytes(b"\xffs3cret-word")


def test_the_longest_secret_is_masked_first():
    conceal("secret")
    conceal("secret-and-more")

    assert "•••, •••" == redacted("secret-and-more, secret")


def test_a_short_string_is_no_secret():
    conceal("short")

    assert "short" == redacted("short")


@pytest.mark.parametrize("form", [json.dumps, repr, lambda secret: quote(secret, safe="")])
def test_a_secret_is_masked_in_other_notations(form):
    conceal("pass\"w0rd/of 'the' shop\\é")

    assert "w0rd" not in redacted(form("pass\"w0rd/of 'the' shop\\é"))


@pytest.mark.parametrize(
    ("shortened", "masked"),
    [
        ("'postgresql:/...3cret-word@localhost'", "'postgresql:/...•••@localhost'"),
        ("'shop:s3cret-w...localhost'", "'shop:•••...localhost'"),
        ("'shop:s3c...ord@localhost'", "'shop:•••...•••@localhost'"),
    ],
)
def test_what_is_left_of_a_secret_in_a_shortened_message_is_masked(shortened, masked):
    conceal("s3cret-word")

    assert masked == redacted(shortened)
