"""The gate's decision: what is required, what the evidence says of it, and the worst of that.

A *full drill* is a run that selected every scenario of every required criterion, on the required runtime. What the
newest of them came to counts; a run after it can only make that worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from drill.evidence import surroundings
from drill.evidence.decided import contacts, judged
from drill.evidence.finding import UNKNOWN, Rule
from drill.evidence.record import CriterionRecord, RunRecord
from drill.evidence.summary import limited, measured_sizes, told_of_tiers
from drill.evidence.verdict import Verdict, worst
from drill.evidence.verification import Verification
from drill.gate import score
from drill.gate.check import Check
from drill.policy import Criterion, Policy, Suppression
from drill.policy.quantity import duration_text

AHEAD = timedelta(minutes=5)
"""How far the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate has come to, and on what."""

    checks: tuple[Check, ...]
    suppressions: tuple[Suppression, ...]
    drill: RunRecord | None
    heads: tuple[str, ...]
    notes: tuple[str, ...]
    at: datetime

    @property
    def verdict(self) -> Verdict:
        """The worst of all that is not suppressed; a gate that checked nothing has proven nothing."""
        return worst(check.verdict for check in self.checks if check.suppressed is None)


def decide(policy: Policy, verification: Verification, *, reports: Path, now: datetime) -> Decision:
    """Decide from the evidence below a directory of reports, which was verified before.

    Runs that were never sealed count for nothing.
    """
    required = required_criteria(policy)
    oldest = now - policy.gate.max_age
    runs = _newest_first(verification, reports, since=oldest)
    full, later = _last_full_drill(policy, required, runs)
    newest_first = [*later, *([full] if full else [])]
    earlier = list(_earlier(policy, verification, runs))
    today = now.astimezone().date()
    come_to = {each.id: _at_its_size(each, full, later, earlier, policy) for each in required}
    checks = [
        _evidence(verification),
        *_signed(policy, verification, newest_first),
        *score.checks(policy, newest_first, earlier=earlier),
        _drilled(policy, full, later, now=now),
        *(_judged(identifier, *found, policy=policy, today=today) for identifier, found in come_to.items()),
        *_expired(policy, today=today),
    ]
    return Decision(
        checks=tuple(checks),
        suppressions=policy.gate.suppress,
        drill=full,
        heads=tuple(map(str, verification.heads)),
        notes=tuple(_notes(policy, verification, full, later, checks)),
        at=now,
    )


def required_criteria(policy: Policy) -> tuple[Criterion, ...]:
    """Return the criteria that have to be proven: those that are named, else all that a scenario is to prove."""
    named = policy.gate.require
    if named is None:
        return tuple(criterion for criterion in policy.criteria if criterion.gap is None)
    return tuple(policy.criterion(identifier) for identifier in dict.fromkeys(named))


def is_full(run: RunRecord, required: Iterable[Criterion], runtime: str | None) -> bool:
    """Tell whether a run selected every scenario of every required criterion, on the runtime if one is demanded.

    A criterion with a gap, or one that the record decides, has no scenario, and no run could select one.
    """
    if runtime is not None and (run.runtime is None or run.runtime.name != runtime):
        return False
    results = {result.id: result for result in run.criteria}
    wanted = [criterion.id for criterion in required if criterion.is_tested]
    return bool(wanted) and all(
        identifier in results and 0 < results[identifier].scenarios <= results[identifier].selected
        for identifier in wanted
    )


def _last_full_drill(
    policy: Policy, required: Sequence[Criterion], runs: Iterable[RunRecord]
) -> tuple[RunRecord | None, list[RunRecord]]:
    """Return the newest full drill, and the runs after it; of runs before it nothing is read."""
    later: list[RunRecord] = []
    for run in runs:
        if is_full(run, required, policy.gate.runtime):
            return run, later
        later.append(run)
    return None, later


def _earlier(policy: Policy, verification: Verification, runs: Iterable[RunRecord]) -> Iterator[RunRecord]:
    """Yield the runs before the last full drill, where anything is demanded that a short drill does not show."""
    if policy.gate.minimum_faults is not None or policy.gate.projection == "required":
        yield from (run for run in runs if not policy.gate.signed or run.id in verification.vouched)


def _newest_first(verification: Verification, reports: Path, *, since: datetime) -> Iterator[RunRecord]:
    """Yield the records of runs that were sealed and are not too old.

    Whatever is wrong with one breaks the evidence as a whole and is told there.
    """
    links = [sealed.statement.link for sealed in verification.sealed.values()]
    for link in sorted(links, key=lambda link: link.finished, reverse=True):
        if link.finished < since:
            return
        try:
            yield RunRecord.model_validate_json((reports / "runs" / link.run / "run.json").read_bytes())
        except (OSError, ValidationError):
            continue


def _evidence(verification: Verification) -> Check:
    broken = [finding for finding in verification.findings if finding.rule not in UNKNOWN]
    if broken:
        further = f" (and {len(broken) - 1} more; dr-drill evidence verify lists them)" if len(broken) > 1 else ""
        return Check("EVIDENCE", Verdict.DISPROVEN, f"{broken[0]}{further}")
    unrecorded = [finding for finding in verification.findings if finding.rule is Rule.UNRECORDED]
    if unrecorded:
        return Check("EVIDENCE", Verdict.UNPROVEN, str(unrecorded[0]))
    if not verification.sealed:
        return Check("EVIDENCE", Verdict.UNPROVEN, "there is none: no run has been sealed here")
    return Check("EVIDENCE", Verdict.PROVEN, f"the files of {len(verification.sealed)} runs are as they were stated")


def _signed(policy: Policy, verification: Verification, used: Sequence[RunRecord]) -> Iterator[Check]:
    if not policy.gate.signed:
        return
    left = [run.id for run in used if run.id not in verification.vouched]
    if left or not used:
        what = f"no key that is known here vouches for {', '.join(left) or 'anything'}"
        yield Check("SIGNED", Verdict.UNPROVEN, what)
    else:
        yield Check("SIGNED", Verdict.PROVEN, "a known key vouches for every run that counts")


def _drilled(policy: Policy, full: RunRecord | None, later: Sequence[RunRecord], *, now: datetime) -> Check:
    on = f" on {policy.gate.runtime}" if policy.gate.runtime else ""
    if full is None:
        span = duration_text(policy.gate.max_age)
        last = f"none of the {len(later)} runs since selected all that is required" if later else "drills do not run"
        return Check("FULL-DRILL", Verdict.UNPROVEN, f"there has been no full drill{on} for {span}: {last}")
    age = now - _finished(full)
    when = f"the last full drill{on} ended {duration_text(abs(age))}"
    if age < -AHEAD:
        return Check("FULL-DRILL", Verdict.UNPROVEN, f"{when} from now: a clock is wrong, or the record")
    return Check("FULL-DRILL", Verdict.PROVEN, f"{when} ago ({full.id})")


def _judged(identifier: str, verdict: Verdict, what: str, *, policy: Policy, today: date) -> Check:
    suppression = next((each for each in policy.gate.suppress if each.id == identifier), None)
    stands = suppression is not None and suppression.stands(today=today) and verdict is not Verdict.PROVEN
    return Check(identifier, verdict, what, suppression if stands else None)


def _at_its_size(
    criterion: Criterion,
    full: RunRecord | None,
    later: Sequence[RunRecord],
    earlier: Sequence[RunRecord],
    policy: Policy,
) -> tuple[Verdict, str]:
    """Return what a criterion has come to: at production's size, where that is demanded."""
    verdict, what = _come_to(criterion, full, later, policy)
    if policy.gate.projection == "stated" or full is None or verdict is not Verdict.PROVEN:
        return verdict, what
    from drill.gate.production import at_production  # here, because few gates demand it

    result = _result(full, criterion)
    shown = at_production(criterion, full, [*later, full, *earlier], policy)
    if result is None or shown is None:
        return verdict, what
    return shown[0], f"measured {result.measured_text}; {shown[1]}"


def _come_to(
    criterion: Criterion, full: RunRecord | None, later: Sequence[RunRecord], policy: Policy
) -> tuple[Verdict, str]:
    if criterion.gap is not None:
        return Verdict.UNPROVEN, f"no scenario proves it: {criterion.gap}"
    if criterion.decided_by is not None:
        return _decided(criterion, [*later, *([full] if full else [])], policy)
    for run in later:
        result = _result(run, criterion)
        if result is not None and result.verdict is Verdict.DISPROVEN:
            return Verdict.DISPROVEN, f"{_measured(result)} in {run.id}, after the last full drill"
    result = _result(full, criterion) if full else None
    if full is None or result is None:
        return Verdict.UNPROVEN, "no full drill has tried it, or none that is recent enough"
    if result.objective != str(criterion.objective):
        return worst([result.verdict, Verdict.UNPROVEN]), (
            f"{_measured(result)} against {result.objective}; the policy now demands {criterion.objective}"
        )
    return result.verdict, _measured(result)


def _decided(criterion: Criterion, newest_first: Sequence[RunRecord], policy: Policy) -> tuple[Verdict, str]:
    """Judge what no scenario has to try: contacts as policy.toml has them now, anything else by what runs found."""
    if criterion.decided_by == "contacts":
        found = [judged(criterion, contacts(policy))]
    else:
        found = [each for run in newest_first for each in run.decided if each.id == criterion.id]
    if not found:
        return Verdict.UNPROVEN, "no run that is recent enough has judged it"
    result = next((each for each in found if each.verdict is Verdict.DISPROVEN), found[0])
    return result.verdict, f"{_measured(result)}; {result.because}"


def _expired(policy: Policy, *, today: date) -> Iterator[Check]:
    for each in policy.gate.suppress:
        if not each.stands(today=today):
            what = f"the suppression of {each.owner} expired on {each.expires}; prove the criterion or decide anew"
            yield Check(f"SUPPRESSED {each.id}", Verdict.DISPROVEN, what)


def _notes(
    policy: Policy,
    verification: Verification,
    full: RunRecord | None,
    later: Sequence[RunRecord],
    checks: Sequence[Check],
) -> Iterator[str]:
    yield from _told_of_drill(policy, full)
    required = {check.id for check in checks}
    for criterion in policy.criteria:
        if criterion.decided_by == "contacts" and criterion.id not in required:
            verdict, what = _decided(criterion, (), policy)
            yield f"{criterion.id}, which is not required, is {verdict}: {what}"
    proven = {check.id for check in checks if check.verdict is Verdict.PROVEN}
    if policy.gate.projection == "stated":
        yield from limited(result for result in (full.criteria if full else ()) if result.id in proven)
    yield from told_of_tiers(full) if full else ()
    partial = [run.id for run in later if run.verdict is Verdict.UNPROVEN]
    if full and partial:
        yield f"runs after it that left something unproven, which alone does not count: {', '.join(partial)}"
    yield from map(str, (each for each in verification.findings if each.rule in UNKNOWN - {Rule.UNRECORDED}))
    if verification.unfinished:
        yield f"runs that were killed, or still go on: {len(verification.unfinished)}"
    held = {check.id for check in checks if check.suppressed}
    idle = [each.id for each in policy.gate.suppress if each.id not in held]
    if idle:
        yield f"suppressions that hold nothing back: {', '.join(idle)}"
    if policy.gate.minimum_sabotage is None:
        yield score.NONE_DEMANDED


def _told_of_drill(policy: Policy, full: RunRecord | None) -> Iterator[str]:
    if full is None:
        return
    if full.runtime is not None:
        servers = ", ".join(engine.product for engine in full.runtime.engines)
        yield f"drilled on {full.runtime.name}: {servers}"
    if "commit" in full.revision:
        changed = ", with changes that are not in it" if full.revision["changed"] else ""
        yield f"drilled at revision {full.revision['commit']}{changed}"
    if full.policy.get("sha256") != surroundings.policy(policy)["sha256"]:
        yield f"{policy.file.name} has been changed since the drill"


def _result(run: RunRecord, criterion: Criterion) -> CriterionRecord | None:
    return next((result for result in run.criteria if result.id == criterion.id), None)


def _measured(result: CriterionRecord) -> str:
    text = f"measured {result.measured_text}" if result.measured_text else str(result.verdict)
    text += f", in production {result.projected_text}" if result.projected_text else ""
    return f"{text}; {measured_sizes(result)} only, not at production's size" if result.reach is not None else text


def _finished(run: RunRecord) -> datetime:
    return datetime.fromisoformat(run.finished)
