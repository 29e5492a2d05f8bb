"""What was not proven in a span: how often, why, and whether it was proven afterwards.

Scenarios, and criteria that no scenario tries but the record decides, where it decided against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drill.evidence.verdict import Verdict, worst
from drill.reporting.reading import Scenario
from drill.reporting.runs import Ran
from drill.reporting.summary import Failure

LONGEST_CAUSE = 300
UNREPORTED = "it was selected and never came to its end"
BY_THE_RECORD = "decided by the record"


@dataclass(slots=True)
class _Trouble:
    """The failures so far of a scenario, or of a criterion that the record decides."""

    newest: Scenario
    runs: list[Ran] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    resolved: Ran | None = None


def failures(runs: Sequence[Ran]) -> list[Failure]:
    """Return everything that was not proven in some run, the newest failure first."""
    troubles: dict[str, _Trouble] = {}
    for run in runs:
        for scenario in (*run.troubled, *_unreported(run), *_decided_against(run)):
            trouble = troubles.setdefault(scenario.node, _Trouble(scenario))
            trouble.newest, trouble.resolved = scenario, None
            trouble.runs.append(run)
            trouble.verdicts.append(scenario.verdict)
        good = run.proven | {result.id for result in run.record.decided if result.verdict is Verdict.PROVEN}
        for node in good & troubles.keys():
            troubles[node].resolved = troubles[node].resolved or run
    found = [_failure(node, trouble) for node, trouble in troubles.items()]
    return sorted(found, key=lambda each: (each.last, each.scenario), reverse=True)


def _failure(node: str, trouble: _Trouble) -> Failure:
    first, last, resolved = trouble.runs[0].record, trouble.runs[-1].record, trouble.resolved
    return Failure(
        scenario=node,
        name=trouble.newest.name,
        criteria=trouble.newest.criteria,
        verdict=worst(trouble.verdicts),
        times=len(trouble.runs),
        first=first.started,
        first_run=first.id,
        last=last.started,
        last_run=last.id,
        cause=_cause(trouble.newest.reason),
        resolved=resolved.record.started if resolved else None,
        resolved_run=resolved.record.id if resolved else None,
    )


def _cause(reason: str | None) -> str:
    """Return the first line of a reason, without the name of Python's class before it."""
    line = next(iter((reason or "").strip().splitlines()), "")
    kind, colon, rest = line.partition(": ")
    plain = rest if colon and kind.replace(".", "").replace("_", "").isalnum() else line
    return plain if len(plain) <= LONGEST_CAUSE else f"{plain[:LONGEST_CAUSE]}…"


def _unreported(run: Ran) -> Iterator[Scenario]:
    for node in run.record.unreported:
        name = node.rpartition("::")[2] or node
        yield Scenario(node=node, name=name, criteria=(), verdict=Verdict.UNPROVEN, reason=UNREPORTED)


def _decided_against(run: Ran) -> Iterator[Scenario]:
    """Yield what the record disproved, as if a scenario had; what it could not decide is no failure."""
    for result in run.record.decided:
        if result.verdict is Verdict.DISPROVEN:
            yield Scenario(
                node=result.id, name=BY_THE_RECORD, criteria=(result.id,), verdict=result.verdict, reason=result.because
            )
