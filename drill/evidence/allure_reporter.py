"""Writes Allure results without secrets and without the noise of the tools beneath."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from allure_commons.model2 import ExecutableItem, TestResult, TestResultContainer

from drill.evidence.redaction import redacted, redacted_bytes

TEXTS = ("name", "description", "descriptionHtml", "message", "trace", "value", "url")
PARTS = ("statusDetails", "steps", "attachments", "parameters", "labels", "links", "befores", "afters")
CHANGES = frozenset(
    {
        *("schedule_test", "start_step", "stop_step"),
        *("start_before_fixture", "stop_before_fixture", "start_after_fixture", "stop_after_fixture"),
    }
)
"""What changes which step, fixture or test is running."""
PRIVATE = "_"
"""What the name of a fixture begins with that is no part of the evidence."""


class EvidenceReporter:
    """Stands between allure-pytest and its own reporter, through which everything passes that is written.

    A thread takes part in what runs in the one that made this: allure's own rule is that it inherits whatever was begun
    last there, which is of no use where that is the group of a fixture.

    Args:
        reporter: allure-pytest's ``AllureReporter``, which goes on doing all that is not named here.
        is_evidence: Whether what runs now is; the results and attachments of anything else are left out.
        complete: Says what is still to be said about a result, just before it is written.
    """

    def __init__(
        self, reporter: Any, *, is_evidence: Callable[[], bool], complete: Callable[[TestResult], None]
    ) -> None:
        self._reporter = reporter
        self._is_evidence = is_evidence
        self._complete = complete
        self._main = threading.current_thread()
        self._running: ExecutableItem | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._reporter, name)
        return self._followed(found) if name in CHANGES else found

    def _followed(self, change: Callable[..., None]) -> Callable[..., None]:
        @wraps(change)
        def followed(*args: Any, **kwargs: Any) -> None:
            self._take_part()
            change(*args, **kwargs)
            self._note()

        return followed

    def _note(self) -> None:
        if threading.current_thread() is self._main:
            self._running = self._last()

    def _take_part(self) -> None:
        """Let a thread that has nothing of its own begin below what is running."""
        running = self._running
        if running is not None and threading.current_thread() is not self._main and self._last() is None:
            self._reporter.schedule_test(f"{threading.get_ident()}", running)

    def _last(self) -> ExecutableItem | None:
        last: ExecutableItem | None = self._reporter.get_last_item(ExecutableItem)
        return last

    def close_test(self, uuid: str) -> None:
        """Write a test's result."""
        self._running = None
        if not self._is_evidence():
            self._reporter.drop_test(uuid)
            return
        result = self._reporter.get_test(uuid)
        self._complete(result)
        redact(result)
        self._reporter.close_test(uuid)

    def stop_group(self, uuid: str, **changes: Any) -> None:
        """Write what was set up and torn down around tests, if anything of it is worth reading."""
        group = self._reporter.get_item(uuid)
        quieten(group)
        if group.befores or group.afters:
            redact(group)
            self._reporter.stop_group(uuid, **changes)
        else:
            self._reporter.drop_test(uuid)

    def attach_data(self, uuid: str, body: str | bytes, **how: Any) -> None:
        """Write an attachment of the running step, fixture or test; of the whole run where there is none."""
        self._take_part()
        if self._last() is None:
            self.global_attach_data(uuid, body, **how)
        elif self._is_evidence():
            self._reporter.attach_data(uuid, _clean(body), **how)

    def attach_file(self, uuid: str, source: str, **how: Any) -> None:
        """Write a file's content as an attachment."""
        self.attach_data(uuid, Path(source).read_bytes(), **how)

    def global_attach_data(self, uuid: str, body: str | bytes, **how: Any) -> None:
        """Write an attachment of the whole run."""
        self._reporter.global_attach_data(uuid, _clean(body), **how)

    def global_attach_file(self, uuid: str, source: str, **how: Any) -> None:
        """Write a file's content as an attachment of the whole run."""
        self.global_attach_data(uuid, Path(source).read_bytes(), **how)

    def global_error(self, message: str | None = None, trace: str | None = None) -> None:
        """Write an error of the whole run."""
        self._reporter.global_error(message=message and redacted(message), trace=trace and redacted(trace))


def _clean(body: str | bytes) -> str | bytes:
    return redacted(body) if isinstance(body, str) else redacted_bytes(body)


def redact(part: Any) -> None:
    """Mask every concealed string in what a reader sees of this part of a result, and in the parts below."""
    for field in TEXTS:
        text = getattr(part, field, None)
        if isinstance(text, str):
            setattr(part, field, redacted(text))
    for field in PARTS:
        below = getattr(part, field, None) or []
        for inner in below if isinstance(below, list) else [below]:
            redact(inner)


def quieten(group: TestResultContainer) -> None:
    """Drop private fixtures, and the lambdas by which pytest links one fixture's end to another's.

    allure-pytest names a finalizer ``fixture::function``; here it is called after its fixture.
    """
    for phase in (group.befores, group.afters):
        phase[:] = [one for one in phase if not one.name.startswith(PRIVATE) and "<lambda>" not in one.name]
        for one in phase:
            one.name = one.name.split("::")[0]
