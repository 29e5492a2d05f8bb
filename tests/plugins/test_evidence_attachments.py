"""What is attached reaches Allure redacted, and nothing where Allure is not at work."""

from dataclasses import dataclass
from datetime import UTC, datetime

import allure_commons
import pytest
from allure_commons.types import AttachmentType
from pydantic import SecretStr

from drill.evidence import redaction
from drill.evidence.attachments import attach_csv, attach_file, attach_json, attach_text


class Recorder:
    """Takes the place of allure-pytest's listener."""

    def __init__(self):
        self.attached = []

    @allure_commons.hookimpl
    def attach_data(self, body, name, attachment_type, extension):
        self.attached.append((name, body, attachment_type, extension))


@pytest.fixture
def attached(monkeypatch, allure_hooks):
    monkeypatch.setattr(redaction, "_secrets", {})
    redaction.conceal("s3cret-word")
    recorder = Recorder()
    allure_hooks.register(recorder)
    return recorder.attached


@dataclass(frozen=True)
class Restore:
    finished: datetime
    password: SecretStr


def test_text_is_attached(attached):
    attach_text("output", "restored with s3cret-word")

    assert [("output", "restored with •••", AttachmentType.TEXT, None)] == attached


def test_values_are_attached_as_json(attached):
    attach_json("restore", [Restore(datetime(2026, 1, 2, tzinfo=UTC), SecretStr("unknown")), {"key": "s3cret-word"}])
    [(_, body, kind, _)] = attached

    assert AttachmentType.JSON == kind
    assert '"finished": "2026-01-02 00:00:00+00:00"' in body
    assert '"password": "**********"' in body
    assert '"key": "•••"' in body


def test_rows_are_attached_as_csv(attached):
    attach_csv("rows", [["name", "value"], ["a, b", 1], ["password", "s3cret-word"]])

    assert [("rows", 'name,value\n"a, b",1\npassword,•••\n', AttachmentType.CSV, None)] == [
        (name, body, kind, extension) for name, body, kind, extension in attached
    ]


@pytest.mark.parametrize(
    ("file", "kind", "extension"),
    [
        ("manifest.json", AttachmentType.JSON, "json"),
        ("server.log", AttachmentType.TEXT, "log"),
        ("base.tar", None, "tar"),
        ("PG_VERSION", None, None),
    ],
)
def test_a_file_is_attached_as_what_it_is(attached, tmp_path, file, kind, extension):
    (tmp_path / file).write_bytes(b"\xfe s3cret-word")
    attach_file("file", tmp_path / file)

    assert [("file", b"\xfe " + "•••".encode(), kind, extension)] == attached


def test_a_missing_file_is_told(attached, tmp_path):
    attach_file("log", tmp_path / "server.log")

    assert [("log", "server.log does not exist", AttachmentType.TEXT, None)] == attached


def test_nothing_is_written_where_allure_is_not_at_work(tmp_path, allure_hooks, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attach_text("output", "text")
    attach_json("value", {})
    attach_csv("rows", [])
    attach_file("file", tmp_path / "none")

    assert [] == list(tmp_path.iterdir())
