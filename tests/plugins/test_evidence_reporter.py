"""What is told outside any test belongs to the whole run, and is redacted too."""

import pytest
from allure_commons.logger import AllureMemoryLogger
from allure_commons.reporter import AllureReporter

from drill.evidence import redaction
from drill.evidence.allure_reporter import EvidenceReporter


@pytest.fixture
def written(monkeypatch, allure_hooks):
    monkeypatch.setattr(redaction, "_secrets", {})
    redaction.conceal("s3cret-word")
    written = AllureMemoryLogger()
    allure_hooks.register(written)
    return written


@pytest.fixture
def reporter(written):
    return EvidenceReporter(AllureReporter(), is_evidence=lambda: True, complete=lambda _: None)


def test_text_that_is_attached_outside_any_test_is_kept(reporter, written):
    reporter.attach_data("1", "password: s3cret-word", name="log")

    assert ["password: •••"] == list(written.attachments.values())
    assert ["log"] == [one["name"] for found in written.globals for one in found["attachments"]]


def test_a_file_that_is_attached_outside_any_test_is_kept(reporter, written, tmp_path):
    (tmp_path / "log").write_text("password: s3cret-word")
    reporter.attach_file("1", tmp_path / "log", name="log")
    reporter.global_attach_file("2", tmp_path / "log", name="again")

    assert ["password: •••".encode()] * 2 == list(written.attachments.values())


def test_an_error_of_the_whole_run_is_redacted(reporter, written):
    reporter.global_error(message="s3cret-word", trace=None)

    assert ["•••"] == [one["message"] for found in written.globals for one in found["errors"]]
