"""Keeps secrets and the frames of foreign tools out of what pytest itself reports of a test.

Terminal, JUnit XML, the workers of pytest-xdist and other plugins, Allure's among them, all read that report.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from drill.evidence.redaction import redacted
from drill.plugins.collection import SCENARIO
from drill.plugins.foreign_frames import drop_foreign_frames


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tidy the report before any other plugin sees it: innermost of all wrappers."""
    if call.excinfo is not None and SCENARIO in item.stash:
        drop_foreign_frames(call.excinfo)
    report = yield
    redact(report)
    return report


def redact(report: pytest.TestReport) -> None:
    """Mask every concealed string in the report's output, reason and traceback."""
    report.sections = [(title, redacted(content)) for title, content in report.sections]
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, redacted(reason))
    elif redacted(report.longreprtext) != report.longreprtext:
        report.longrepr = redacted(report.longreprtext)
