"""Drills with their timelines, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from drill.evidence.verdict import Verdict
from drill.reporting import timelines
from drill.reporting.composition.parts import LOG, RECORD, RUNS, Desk, table
from drill.reporting.page import Block, Cell, Column, Row, Section, Text, cell
from drill.reporting.summary import Drill, Failure, Timeline
from drill.reporting.words import NOTHING

MOST_ROWS = 62
"""Two runs a day for a month; of more, those are shown first that were not proven or do not count."""


def section(desk: Desk) -> Section:
    """Return the part about drills."""
    say = desk.words.say
    return Section("drills", say("Drills"), (_drills(desk), _timelines(desk), _undelivered(desk)))


def _drills(desk: Desk) -> Block:
    say, words = desk.words.say, desk.words
    columns = (
        Column(say("Started"), share=2.6),
        Column(say("Took"), numeric=True),
        Column(say("Runtime"), share=1.2),
        Column(say("Scenarios proven"), numeric=True, share=1.2),
        Column(say("Disasters"), numeric=True),
        Column(say("Recovered"), numeric=True),
        Column(say("Refused"), numeric=True),
        Column(say("Verdict"), share=1.6),
    )
    drills = sorted(desk.summary.drills, key=lambda each: each.started, reverse=True)
    urgent = sorted(drills, key=lambda each: each.counts and each.verdict is Verdict.PROVEN)[:MOST_ROWS]
    shown = sorted(urgent, key=lambda each: each.started, reverse=True)
    caption = say("Runs, the newest first")
    if len(shown) < len(drills):
        caption = say(
            "Runs, {shown} of {all}: whatever was not proven or does not count, then the newest; all are in the JSON",
            shown=words.number(len(shown)),
            all=words.number(len(drills)),
        )
    rows = [
        Row(
            (
                cell(
                    Text(words.moment(each.started), href=desk.evidence(each.run)),
                    Text(each.run, code=True, quiet=True, breaks=True),
                ),
                cell(words.duration(each.seconds)),
                cell(
                    each.runtime or NOTHING, *([Text(say("full drill"), quiet=True, breaks=True)] if each.full else [])
                ),
                cell(_share(desk, each)),
                cell(words.number(each.disasters)),
                cell(words.number(each.recovered)),
                cell(words.number(each.refused)),
                _outcome(desk, each),
            )
        )
        for each in shown
    ]
    return table(RUNS, caption, columns, rows, otherwise=say("There was no run."))


def _share(desk: Desk, each: Drill) -> str:
    number, all_of_them = desk.words.number, each.proven + each.disproven + each.unproven
    return desk.words.say("{proven} of {all}", proven=number(each.proven), all=number(all_of_them))


def _outcome(desk: Desk, each: Drill) -> Cell:
    told = desk.verdict(each.verdict)
    if each.counts:
        return told
    return cell(desk.words.say("does not count"), Text(each.because or "", own=True, quiet=True, breaks=True))


def timeline(run: str) -> str:
    """Return the id that the first timeline of a run has on the page."""
    return f"timeline-{run}"


def _timelines(desk: Desk) -> Block:
    say, words = desk.words.say, desk.words
    columns = (
        Column(say("What was lost"), share=1.8),
        Column(say("Declared"), share=1.8),
        Column(say("Timeline, from the declaration on"), share=4),
    )
    first = {each.run: place for place, each in reversed(list(enumerate(desk.summary.timelines)))}
    rows = [
        Row(
            id=timeline(each.run) if first[each.run] == place else None,
            cells=(
                cell(Text(each.what, own=True)),
                cell(
                    Text(words.moment(each.declared), href=desk.evidence(each.run, LOG)),
                    Text(each.run, code=True, quiet=True, breaks=True),
                ),
                tuple(_steps(desk, each)),
            ),
        )
        for place, each in enumerate(desk.summary.timelines)
    ]
    caption = say("Disaster drills, then the slowest recovery of each procedure")
    if left_out := desk.summary.timelines_left_out:
        caption = say(
            "Disaster drills, the newest first, then the slowest recovery of each procedure; {number} older drills are "
            "only in the logs of their runs",
            number=words.number(left_out),
        )
    return table("timelines", caption, columns, rows, otherwise=say("No disaster was declared."))


def _steps(desk: Desk, timeline: Timeline) -> Iterator[Text]:
    say = desk.words.say
    known = {
        timelines.LAST_BACKUP: say("last backup"),
        timelines.DECLARED: say("declared"),
        timelines.RESTORED: say("restored"),
        timelines.COMPARED: say("compared, and the scenario over"),
        "verified": say("verified"),
        "assessed": say("assessed"),
        "notified": say("notified"),
        "provisioned": say("provisioned"),
        "restoring": say("restore begun"),
        "fetched": say("fetched"),
        "replayed": say("replayed"),
        "communicated": say("communicated"),
    }
    for place, step in enumerate(sorted(timeline.steps, key=lambda each: each.seconds)):
        sign = "+" if step.seconds > 0 else ""
        yield Text(f"{sign}{desk.words.duration(step.seconds)}\u2002", code=True, breaks=place > 0)
        yield Text(known.get(step.name, step.name), own=step.name not in known)
        if step.system:
            yield Text(f" {step.system}", code=True, quiet=True)


def _undelivered(desk: Desk) -> Block:
    say = desk.words.say
    columns = (
        Column(say("Message"), share=2.4),
        Column(say("For whom"), share=1.8),
        Column(say("Cause"), share=2.6),
        Column(say("Times"), numeric=True, share=0.6),
        Column(say("First and last"), share=1.6),
    )
    audiences = {"team": say("the team"), "users": say("the users")}
    rows = [
        Row(
            (
                cell(
                    Text(each.subject, own=True),
                    Text(each.disaster, own=True, quiet=True, breaks=True),
                    Text(each.scenario, code=True, quiet=True, breaks=True),
                ),
                cell(
                    Text(audiences.get(each.audience, each.audience), own=each.audience not in audiences),
                    *(Text(name, code=True, quiet=True, breaks=True) for name in each.to),
                ),
                cell(Text(each.reason, own=True)),
                cell(desk.words.number(each.times)),
                _spans(desk, [(each.first, each.first_run), (each.last, each.last_run)], LOG),
            )
        )
        for each in desk.summary.undelivered
    ]
    caption = say("Messages that were not delivered, the newest first")
    if left_out := desk.summary.undelivered_left_out:
        caption = say(
            "Messages that were not delivered, the newest first; {number} older ones are in the logs of their runs",
            number=desk.words.number(left_out),
        )
    otherwise = say("No run says of a message that it was not delivered.")
    return table("undelivered", caption, columns, rows, otherwise=otherwise)


def _spans(desk: Desk, moments: Iterable[tuple[datetime, str]], file: str) -> Cell:
    """Return a cell with the first moment of each run, which leads to its evidence."""
    spans = [next(same) for _, same in groupby(moments, key=lambda pair: pair[1])]
    return tuple(
        Text(desk.words.moment(moment), href=desk.evidence(run, file), breaks=place > 0)
        for place, (moment, run) in enumerate(spans)
    )


def failures(desk: Desk) -> Section:
    """Return the part about what failed, by cause: scenarios that went wrong alike stand together."""
    say = desk.words.say
    columns = (
        Column(say("Scenario"), share=2.4),
        Column(say("Cause"), share=3),
        Column(say("Times"), numeric=True, share=0.6),
        Column(say("First and last"), share=1.6),
        Column(say("Resolved"), share=1.6),
        Column(say("Verdict"), share=1.6),
    )
    rows = [_failure(desk, each) for each in desk.summary.failures]
    caption = say("What was not proven in some run, the newest first")
    otherwise = say("No scenario failed.") if desk.summary.drills else say("There was no run.")
    return Section("failures", say("Failures"), (table("failed", caption, columns, rows, otherwise=otherwise),))


def _failure(desk: Desk, each: Failure) -> Row:
    say = desk.words.say
    return Row(
        (
            cell(
                *desk.policy(each.name),
                *(Text(one, href=f"#criterion-{one}", code=True, quiet=True, breaks=True) for one in each.criteria),
            ),
            cell(Text(each.cause, own=True)),
            cell(desk.words.number(each.times)),
            _spans(desk, [(each.first, each.first_run), (each.last, each.last_run)], RECORD),
            desk.moment(each.resolved, each.resolved_run) if each.resolved else cell(say("not resolved")),
            desk.verdict(each.verdict),
        )
    )
