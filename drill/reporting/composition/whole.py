"""The whole page, its parts in the order in which an auditor reads them."""

from __future__ import annotations

from collections.abc import Iterator

from drill.evidence.verdict import Verdict
from drill.reporting.composition import assurance, coverage, drills, metrics, trends, verdict
from drill.reporting.composition.parts import Desk
from drill.reporting.page import Page, Text
from drill.reporting.period import Period
from drill.reporting.summary import Summary
from drill.reporting.words import Words


def composed(summary: Summary, words: Words, *, runs: str) -> Page:
    """Return what a reader sees of a report.

    Args:
        summary: the report's data.
        words: the language.
        runs: where the directory of runs is, seen from where the page will be.
    """
    desk, say = Desk(summary, words, runs), words.say
    numbers = verdict.counts(desk)
    return Page(
        language=words.language,
        title=say("Backup and recovery: compliance report"),
        subtitle=_span(desk),
        verdict=summary.verdict,
        verdict_name=words.verdict(summary.verdict),
        sentence=verdict.sentence(desk),
        counts=tuple(
            (each, words.number(numbers[each]), words.verdict(each))
            for each in (Verdict.PROVEN, Verdict.DISPROVEN, Verdict.UNPROVEN)
        ),
        facts=tuple(_facts(desk)),
        warnings=tuple(verdict.warnings(desk)),
        sections=(
            verdict.section(desk),
            metrics.section(desk),
            trends.section(desk),
            coverage.section(desk),
            drills.section(desk),
            drills.failures(desk),
            assurance.promises(desk),
            assurance.gaps(desk),
            assurance.sabotage(desk),
            assurance.environment(desk),
            assurance.signatures(desk),
        ),
        labels={
            "contents": say("Contents"),
            "before": say("Before you rely on this"),
            "page": say("Page"),
            "skip": say("To the verdict"),
            "own": say(
                "What the evidence says, and what of the policy has no translation, is quoted as it is written."
            ),
            "times": say("Days and times are in UTC."),
        },
    )


def _span(desk: Desk) -> str:
    words, span = desk.words, desk.summary.span
    if Period(span.since, span.until, span.judged_on).is_month:
        return words.month(span.since)
    return words.say("{since} up to, not including, {until}", since=words.day(span.since), until=words.day(span.until))


def _facts(desk: Desk) -> Iterator[tuple[str, Text]]:
    say, words, summary = desk.words.say, desk.words, desk.summary
    document = summary.document
    counted = sum(each.counts for each in summary.drills)
    yield say("Document"), Text(f"{document.title}, {document.version} ({document.status})")
    yield say("Runs that count"), Text(words.number(counted), href="#drills-title")
    yield say("Judged at the beginning of"), Text(words.day(summary.span.judged_on))
    yield say("Evidence"), Text(words.verdict(summary.evidence.verdict), href="#evidence-title")
