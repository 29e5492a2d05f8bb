"""Turns reports into verdicts: run record, event log, verdict table and exit status."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_bdd.feature import get_feature
from pytest_bdd.scenario import make_python_name
from rich.console import Console

from drill.errors import DrillError
from drill.evidence import surroundings
from drill.evidence.allure_results import write_metadata
from drill.evidence.attachments import attach_text
from drill.evidence.audits import audits
from drill.evidence.decided import earlier_drills
from drill.evidence.judgement import ScenarioReport
from drill.evidence.record import EngineRecord, RunRecord, RuntimeRecord, ScenarioRecord
from drill.evidence.redaction import redacted
from drill.evidence.run import Run
from drill.evidence.summary import environment, summary
from drill.evidence.verdict import Verdict, worst
from drill.features import scenarios_by_tag
from drill.plugins.collection import SCENARIO
from drill.plugins.contents_page import refreshed
from drill.plugins.estate import JOURNAL, RUNTIME, SERVERS
from drill.plugins.results_folder import LISTINGS, results_folder
from drill.plugins.sealing import Sealing
from drill.plugins.session import SETTINGS, is_worker
from drill.runtimes import Engine
from drill.servers.process import ServerProcess

LONGEST_LOG = 64_000
LONGEST_REASON = 2_000


@dataclass(slots=True)
class Progress:
    """How far a scenario has come.

    ``phases`` holds the verdicts of setup, call and teardown; ``in_step`` says that a step's own function has begun,
    ``reason`` what first went wrong, ``server_log`` what the servers had logged by then.
    """

    phases: dict[str, Verdict] = field(default_factory=dict)
    in_step: bool = False
    seconds: float = 0.0
    reason: str | None = None
    server_log: str = ""

    @property
    def verdict(self) -> Verdict:
        """What the scenario comes to; one without a call was never run."""
        return worst([*self.phases.values(), *([] if "call" in self.phases else [Verdict.UNPROVEN])])


PROGRESS = pytest.StashKey[Progress]()
PIPE_WIDTH = 140


class Verdicts:
    """Keeps the run on the process that sees every report: the only one, or the controller of the workers."""

    def __init__(self, config: pytest.Config) -> None:
        settings = config.stash[SETTINGS]
        self._config = config
        self._record: RunRecord | None = None
        self._page: str | None = None
        self._sealing = Sealing()
        self._reports = settings.reports
        self.run = Run(
            settings.policy,
            reports=settings.reports,
            seed=settings.seed,
            chance=settings.chance,
            scale=settings.scale,
            selection=config.invocation_params.args,
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which scenarios were selected."""
        scenarios = [item for item in session.items if SCENARIO in item.stash]
        self._expect({item.nodeid: criteria(self._config, item.stash[SCENARIO].tags) for item in scenarios})

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:  # noqa: ARG002
        """Note which scenarios were selected, of which a worker tells no more than the node ids."""
        scenarios = [node_id for node_id in ids if node_id.partition("::")[0].endswith(".feature")]
        self._expect({node_id: criteria(self._config, tags(self._config, node_id)) for node_id in scenarios})

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
        """Judge, write the record, let the process end as the verdict demands, and seal what was written."""
        if not self.run.has_scenarios:
            return
        features = self._config.rootpath / (self._config.getini("bdd_features_base_dir") or "features")
        drills = earlier_drills(self._reports)
        self._record = self.run.finish(
            status=int(exitstatus), totals=scenarios_by_tag(features), drills=drills, audits=audits(self._reports)
        )
        session.exitstatus = self._record.exit_status
        self._sealing.seal(self.run.directory, self._record)
        self.run.let_go()
        self._page = refreshed(self._reports, self.run.policy)
        if folder := results_folder(self._config):
            write_metadata(folder, environment(self._record))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict table and where the evidence is, and what it is worth."""
        if self._record is None:
            return
        writer = terminalreporter._tw  # pytest offers no other way to ask for width and colour
        page = io.StringIO()
        # Where nobody looks at a screen, nothing is cut to its width.
        width = max(writer.fullwidth, 100) if writer.hasmarkup else PIPE_WIDTH
        console = Console(file=page, force_terminal=writer.hasmarkup, width=width)
        console.print(summary(self._record), highlight=False)
        terminalreporter.write_line("")
        terminalreporter.write(page.getvalue())
        terminalreporter.write_line(f"evidence: {self.run.directory}")
        if self._page:
            terminalreporter.write_line(self._page)
        self._sealing.tell(terminalreporter, self._reports)

    def _expect(self, scenarios: dict[str, tuple[str, ...]]) -> None:
        try:
            self.run.expect(scenarios)
        except DrillError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_configure(config: pytest.Config) -> None:
    """Keep the run, unless this is a worker or nothing is to be run."""
    if not is_worker(config) and not any(config.getoption(listing, default=False) for listing in LISTINGS):
        config.pluginmanager.register(Verdicts(config), "drill-verdicts")


def criteria(config: pytest.Config, tags: Collection[str]) -> tuple[str, ...]:
    """Return the criteria that are among the tags, sorted."""
    return tuple(sorted(criterion.id for criterion in config.stash[SETTINGS].policy.criteria if criterion.id in tags))


def tags(config: pytest.Config, node_id: str) -> set[str]:
    """Return a scenario's tags, read from its file; for an outline, those of any of its rows."""
    file, _, test = node_id.partition("::")
    path = config.rootpath / file
    for name, template in get_feature(str(path.parent), path.name).scenarios.items():
        if f"test_{make_python_name(name)}" == test.partition("[")[0]:
            above = template.feature.tags | (template.rule.tags if template.rule else set())
            return template.tags.union(above, *(examples.tags for examples in template.examples))
    return set()


def pytest_bdd_before_step_call(request: pytest.FixtureRequest) -> None:
    """Note that from here on the step itself speaks; its fixtures are set up."""
    _progress(request.node).in_step = True


def pytest_bdd_after_step(request: pytest.FixtureRequest) -> None:
    """Note that the next step's fixtures come first."""
    _progress(request.node).in_step = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Judge each phase of a scenario and send all of it along with the last one."""
    report = yield
    if SCENARIO not in item.stash:
        return report
    progress = _progress(item)
    verdict = progress.phases[call.when] = _verdict_of(call, report, in_step=progress.in_step)
    progress.seconds += report.duration
    if verdict is not Verdict.PROVEN and progress.reason is None:
        progress.reason = redacted(_reason(call, report))[:LONGEST_REASON]
        progress.server_log = _server_log(item)
    if call.when == "teardown":
        report.drill = _facts(item)
    return report


def _progress(item: pytest.Item) -> Progress:
    return item.stash.setdefault(PROGRESS, Progress())


def _verdict_of(call: pytest.CallInfo[None], report: pytest.TestReport, *, in_step: bool) -> Verdict:
    """Only a step's own assertion disproves; whatever kept a scenario from being judged leaves it unproven."""
    if report.passed and not hasattr(report, "wasxfail"):
        return Verdict.PROVEN
    refuted = call.excinfo is not None and call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
    return Verdict.DISPROVEN if report.failed and refuted and in_step and call.when == "call" else Verdict.UNPROVEN


def _reason(call: pytest.CallInfo[None], report: pytest.TestReport) -> str:
    if call.excinfo is not None:
        return call.excinfo.exconly()
    return report.longreprtext or "passed, although it was expected to fail"


def _facts(item: pytest.Item) -> dict[str, Any]:
    collected = item.stash[SCENARIO]
    journal = item.stash.get(JOURNAL, None)
    progress = _progress(item)
    record = ScenarioRecord(
        node=item.nodeid,
        feature=collected.feature,
        rule=collected.rule,
        name=collected.name,
        criteria=criteria(item.config, collected.tags),
        verdict=progress.verdict,
        seconds=round(progress.seconds, 3),
        reason=progress.reason,
    )
    return {
        "record": record.model_dump(mode="json"),
        "events": journal.events if journal else [],
        "measurements": journal.measurements if journal else [],
        "server_log": progress.server_log,
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
    disk = surroundings.file_system(runtime.workspace.directory)
    return RuntimeRecord(name=runtime.name, reason=runtime.reason, engines=engines, disk=disk).model_dump(mode="json")


def _server_log(item: pytest.Item) -> str:
    servers = item.stash.get(SERVERS, [])
    text = "\n".join(map(_log_of, servers))
    if text:
        attach_text("server log", text)
    return text


def _log_of(server: ServerProcess) -> str:
    try:
        log = server.service.read_log()
    except DrillError as error:
        log = f"its log cannot be had: {error}"
    # Masked before it is cut: half a secret would not be recognised.
    return f"{server}\n{redacted(log)[-LONGEST_LOG:]}"
