"""What is told belongs to what is running, in whatever thread; outside any test, to the whole run. It is redacted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allure_commons import model2
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


def test_what_a_thread_attaches_belongs_to_the_step_that_started_it(reporter, written):
    reporter.schedule_test("test", model2.TestResult(name="test", uuid="test"))
    reporter.start_step("test", "step", step := model2.TestStepResult(name="recovery"))
    # A fixture that a step asks for: allure-pytest keeps what it belongs to, and a thread would inherit that alone.
    reporter.start_group("group", model2.TestResultContainer(uuid="group"))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(reporter.attach_data, "1", "password: s3cret-word", name="restore command").result()

    assert ["restore command"] == [one.name for one in step.attachments]
    assert ["password: •••"] == list(written.attachments.values())
    assert [] == written.globals


def test_what_a_thread_does_is_shown_below_the_step_that_started_it(reporter):
    reporter.schedule_test("test", model2.TestResult(name="test", uuid="test"))
    reporter.start_step("test", "step", step := model2.TestStepResult(name="recovery"))
    reporter.start_group("group", model2.TestResultContainer(uuid="group"))

    def recover():
        reporter.start_step(None, "part", model2.TestStepResult(name="the cache"))
        reporter.attach_data("1", "done", name="restore command")
        reporter.stop_step("part")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(recover).result()

    [part] = step.steps
    assert ("the cache", ["restore command"]) == (part.name, [one.name for one in part.attachments])


def test_what_a_thread_attaches_when_the_step_is_over_belongs_to_the_test(reporter):
    reporter.schedule_test("test", result := model2.TestResult(name="test", uuid="test"))
    reporter.start_step("test", "step", model2.TestStepResult(name="recovery"))
    reporter.stop_step("step")
    reporter.start_group("group", model2.TestResultContainer(uuid="group"))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(reporter.attach_data, "1", "late", name="log").result()

    assert ["log"] == [one.name for one in result.attachments]
