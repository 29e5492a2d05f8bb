"""Turns reports into verdicts: run record, event log, verdict table and exit status."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.evidence.record import EngineRecord, RunRecord, RuntimeRecord, ScenarioRecord
from drill.evidence.redaction import redacted
from drill.evidence.run import Run, ScenarioReport
from drill.evidence.summary import summary
from drill.evidence.verdict import Verdict, exit_status, worst
from drill.features import scenarios_by_tag
from drill.plugins.collection import SCENARIO
from drill.plugins.estate import JOURNAL, RUNTIME, SERVERS
from drill.plugins.session import SETTINGS, is_worker
from drill.runtimes import Engine

PHASES = pytest.StashKey[dict[str, Verdict]]()
SECONDS = pytest.StashKey[float]()
REASON = pytest.StashKey[str]()
SERVER_LOG = pytest.StashKey[str]()
LONGEST_LOG = 64_000
LONGEST_REASON = 2_000


class Verdicts:
    """Keeps the run on the process that sees every report: the only one, or the controller of the workers."""

    def __init__(self, config: pytest.Config) -> None:
        settings = config.stash[SETTINGS]
        self._config = config
        self._record: RunRecord | None = None
        self.run = Run(
            settings.policy,
            reports=settings.reports,
            seed=settings.seed,
            scale=settings.scale,
            selection=config.invocation_params.args,
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which scenarios were selected."""
        self.run.expected |= {item.nodeid for item in session.items if SCENARIO in item.stash}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:  # noqa: ARG002
        """Note which scenarios were selected, as a worker tells."""
        self.run.expected |= {identifier for identifier in ids if ".feature::" in identifier}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in a scenario that has come to its end."""
        facts: dict[str, Any] | None = getattr(report, "drill", None)
        if facts is None:
            return
        if facts["runtime"] is not None:
            self.run.runtime = RuntimeRecord.model_validate(facts["runtime"])
        self.run.take(
            ScenarioReport(
                record=ScenarioRecord.model_validate(facts["record"]),
                events=facts["events"],
                measurements=facts["measurements"],
                server_log=facts["server_log"],
            )
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, write the record, and let the process end as the verdict demands."""
        if not self.run.has_scenarios:
            return
        session.exitstatus = exit_status(self.run.verdict(), int(exitstatus))
        totals = scenarios_by_tag(self._config.rootpath / "features")
        self._record = self.run.finish(exit_status=int(session.exitstatus), totals=totals)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict table and where the evidence is."""
        if self._record is None:
            return
        writer = terminalreporter._tw  # noqa: SLF001 - pytest offers no other way to ask for width and colour
        page = io.StringIO()
        console = Console(file=page, force_terminal=writer.hasmarkup, width=max(writer.fullwidth, 100))
        console.print(summary(self._record, self.run.policy), highlight=False)
        terminalreporter.write_line("")
        terminalreporter.write(page.getvalue())
        terminalreporter.write_line(f"evidence: {self.run.directory}")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the run, unless this is a worker."""
    if not is_worker(config):
        config.pluginmanager.register(Verdicts(config), "drill-verdicts")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Judge each phase of a scenario and send all of it along with the last one."""
    report = yield
    if SCENARIO not in item.stash:
        return report
    item.stash.setdefault(PHASES, {})[call.when] = _verdict_of(call, report)
    item.stash[SECONDS] = item.stash.get(SECONDS, 0.0) + report.duration
    if call.excinfo is not None and REASON not in item.stash:
        item.stash[REASON] = redacted(call.excinfo.exconly())[:LONGEST_REASON]
        item.stash[SERVER_LOG] = _server_log(item)
    if call.when == "teardown":
        report.drill = _facts(item)
    return report


def _verdict_of(call: pytest.CallInfo[None], report: pytest.TestReport) -> Verdict:
    """Only a step's own assertion disproves; whatever kept a scenario from being judged leaves it unproven."""
    if report.passed and not hasattr(report, "wasxfail"):
        return Verdict.PROVEN
    refuted = call.excinfo is not None and call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
    return Verdict.DISPROVEN if refuted and call.when == "call" else Verdict.UNPROVEN


def _facts(item: pytest.Item) -> dict[str, Any]:
    collected = item.stash[SCENARIO]
    journal = item.stash.get(JOURNAL, None)
    phases = item.stash[PHASES]
    seconds: float = item.stash[SECONDS]
    record = ScenarioRecord(
        node=item.nodeid,
        feature=collected.feature,
        rule=collected.rule,
        name=collected.name,
        criteria=collected.criteria,
        # A scenario without a call was never run.
        verdict=worst([*phases.values(), *([] if "call" in phases else [Verdict.UNPROVEN])]),
        seconds=round(seconds, 3),
        reason=item.stash.get(REASON, None),
    )
    return {
        "record": record.model_dump(mode="json"),
        "events": journal.events if journal else [],
        "measurements": journal.measurements if journal else [],
        "server_log": item.stash.get(SERVER_LOG, ""),
        "runtime": _runtime(item.config),
    }


def _runtime(config: pytest.Config) -> dict[str, Any] | None:
    runtime = config.stash.get(RUNTIME, None)
    if runtime is None:
        return None
    versions = [runtime.version(engine) for engine in Engine]
    engines = tuple(
        EngineRecord(engine=v.engine, product=v.product, origin=v.origin, digest=v.digest) for v in versions
    )
    return RuntimeRecord(name=runtime.name, reason=runtime.reason, engines=engines).model_dump(mode="json")


def _server_log(item: pytest.Item) -> str:
    logs = []
    for server in item.stash.get(SERVERS, []):
        try:
            logs.append(f"{server}\n{server.service.read_log()[-LONGEST_LOG:]}")
        except DrillError as error:
            logs.append(f"{server}: its log cannot be had: {error}")
    text = redacted("\n".join(logs))
    if text:
        attach_text("server log", text)
    return text
