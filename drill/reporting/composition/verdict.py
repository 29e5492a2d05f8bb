"""The verdict: one sentence, what has to be known before it is believed, and one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from drill.evidence.verdict import Verdict
from drill.policy import Objective
from drill.policy.quantity import DURATIONS, Quantity
from drill.reporting.composition.parts import Desk, anchor, table
from drill.reporting.page import Cell, Column, Row, Section, Text, cell
from drill.reporting.summary import Caveat, CaveatKind, Standing, Why
from drill.reporting.words import NOTHING

SHOWN = {
    CaveatKind.NO_RUNS: "gaps",
    CaveatKind.NOTHING_PROVEN: "drills",
    CaveatKind.MEASURED_SIZE_ONLY: "verdict",
    CaveatKind.EVIDENCE_BROKEN: "evidence",
    CaveatKind.EVIDENCE_UNVOUCHED: "evidence",
    CaveatKind.RUNS_NOT_COUNTED: "evidence",
    CaveatKind.RUNS_UNFINISHED: "evidence",
    CaveatKind.DAYS_WITHOUT_RUN: "gaps",
    CaveatKind.SUPPRESSED: "promises",
}
"""The section that shows what a caveat counts."""


def sentence(desk: Desk) -> str:
    """Return the verdict in one sentence."""
    say, number, summary = desk.words.say, desk.words.number, desk.summary
    numbers = counts(desk)
    attested = sum(each.verdict is Verdict.PROVEN for each in summary.attestations)
    beginning = {
        Verdict.PROVEN: say("The policy is kept"),
        Verdict.DISPROVEN: say("The policy is not kept"),
        Verdict.UNPROVEN: say("It is not proven that the policy is kept"),
    }[summary.verdict]
    if numbers[Verdict.DISPROVEN] == 0 and summary.verdict is Verdict.DISPROVEN:
        beginning = say("Nothing can be concluded, because the evidence does not hold")
    return say(
        "{beginning}: of {criteria} criteria {proven} are proven, {disproven} disproven and {unproven} unproven; "
        "{attested} of {attestations} attestations stand.",
        beginning=beginning,
        criteria=number(len(summary.criteria)),
        proven=number(numbers[Verdict.PROVEN]),
        disproven=number(numbers[Verdict.DISPROVEN]),
        unproven=number(numbers[Verdict.UNPROVEN]),
        attested=number(attested),
        attestations=number(len(summary.attestations)),
    )


def counts(desk: Desk) -> Counter[Verdict]:
    """Return how many criteria have come to each verdict."""
    return Counter(each.verdict for each in desk.summary.criteria)


def warnings(desk: Desk) -> Iterator[Text]:
    """Yield what has to be known before the verdict is believed."""
    for caveat in desk.summary.caveats:
        shown = SHOWN.get(caveat.kind)
        yield Text(_warning(desk, caveat), href=shown and f"#{shown}-title")


def section(desk: Desk) -> Section:
    """Return the table of criteria, what was tested first."""
    say = desk.words.say
    columns = (
        Column(say("Criterion"), share=3),
        Column(say("Objective"), numeric=True, share=1.35),
        Column(say("Worst measured"), numeric=True, share=1.2),
        Column(say("Projected upper bound"), numeric=True, share=1.2),
        Column(say("Margin"), numeric=True, share=1.3),
        Column(say("Runs that tested it"), numeric=True, share=0.9),
        Column(say("Last proven"), share=1.4),
        Column(say("Verdict"), share=2.3),
    )
    rows = [_row(desk, each) for each in desk.summary.criteria]
    caption = say("Every criterion of the policy at the end of the span")
    return Section("verdict", say("Verdict"), (table("criteria", caption, columns, rows, otherwise=""),))


def _row(desk: Desk, each: Standing) -> Row:
    say, words = desk.words.say, desk.words
    last = desk.moment(each.last_proven, each.last_proven_run)
    if each.last_proven is None and each.previously_proven is not None:
        last = cell(Text(say("before: {day}", day=words.day(each.previously_proven.date())), quiet=True))
    return Row(
        id=anchor(each.id),
        cells=(
            (
                Text(each.id, code=True),
                *desk.policy(each.statement, quiet=True, breaks=True),
                *([Text(each.projection, own=True, quiet=True, breaks=True)] if each.projection else []),
            ),
            cell(words.quantity(each.objective)),
            desk.measured(each.worst),
            desk.measured(each.projected),
            cell(margin(desk, each)),
            cell(words.number(each.tests)),
            last,
            (*desk.verdict(each.verdict), *because(desk, each)),
        ),
    )


def margin(desk: Desk, each: Standing) -> str:
    """Return how far the worst value is on the good side of the objective, in a unit that reads well."""
    if each.margin is None:
        return NOTHING
    unit = Objective.parse(each.objective).quantity.unit
    value = timedelta(seconds=each.margin) if unit in DURATIONS else each.margin
    if isinstance(value, float) and unit not in DURATIONS and unit != "%":
        value = int(value)
    return desk.words.quantity(str(Quantity.measured(value, unit).readable().rounded(2)))


def because(desk: Desk, each: Standing) -> Cell:
    """Return what the verdict on a criterion rests on, in as many lines as it takes."""
    say = desk.words.say
    reasons = {
        Why.PROVEN: None,
        Why.DISPROVEN: None,
        Why.UNJUDGED: say("the newest test could not be judged"),
        Why.GAP: say("no scenario tests it: {gap}", gap=each.gap),
        Why.NOT_RUN: say("no run tested it"),
        Why.IN_PART: say("only a part of its scenarios was run"),
        Why.OBJECTIVE_CHANGED: say("it was tested against another objective"),
        Why.TOO_OLD: say("the last proof was too old at the end"),
    }
    told = [reasons[each.why]]
    told += [
        say("{procedure}: at {size} only, not at production's size", procedure=name, size=desk.words.size(size))
        for name, size in sorted(each.unprojected.items())
    ]
    if each.disproofs and each.verdict is not Verdict.DISPROVEN:
        told.append(say("runs that disproved it before: {number}", number=desk.words.number(each.disproofs)))
    recorded = (Text(each.because, own=True, quiet=True, breaks=True),) if each.because else ()
    return (*(Text(reason, quiet=True, breaks=True) for reason in told if reason), *recorded)


def _warning(desk: Desk, caveat: Caveat) -> str:
    say, number = desk.words.say, desk.words.number(caveat.number)
    return {
        CaveatKind.NO_RUNS: say("No run counts in this span. Nothing was proven."),
        CaveatKind.NOTHING_PROVEN: say(
            "Runs that count: {number}. None of them proved anything in whole.", number=number
        ),
        CaveatKind.MEASURED_SIZE_ONLY: say(
            "Criteria whose times are proven at the measured size only, and not at production's: {number}.",
            number=number,
        ),
        CaveatKind.EVIDENCE_BROKEN: say("The evidence does not hold. Findings: {number}, listed below.", number=number),
        CaveatKind.EVIDENCE_UNVOUCHED: say(
            "Runs whose evidence nobody vouches for: {number}. Whoever could write to it could change it.",
            number=number,
        )
        if caveat.number
        else say("A known key vouches for every run of the span, but not for all the evidence: see what was found."),
        CaveatKind.RUNS_NOT_COUNTED: say(
            "Runs that do not count, because their evidence does not hold: {number}. They are named below.",
            number=number,
        ),
        CaveatKind.RUNS_UNFINISHED: say("Runs that never ended, or still go on: {number}.", number=number),
        CaveatKind.DAYS_WITHOUT_RUN: say("Days without a run that counts: {number}.", number=number),
        CaveatKind.POLICY_CHANGED: say("The policy has been changed since the newest run."),
        CaveatKind.NOT_OVER: say("The span is not over: this is how it stood on the day of the report."),
        CaveatKind.SUPPRESSED: say(
            "Criteria that are suppressed at the gate: {number}. Here they count as they are.", number=number
        ),
    }[caveat.kind]
