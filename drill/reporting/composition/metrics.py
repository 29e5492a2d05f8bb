"""The document's metrics: what answers for each, and what the logs say."""

from __future__ import annotations

from collections.abc import Iterator

from drill.reporting.composition.parts import LOG, Desk, table
from drill.reporting.composition.verdict import because
from drill.reporting.measures import Duration, Holding, Rate
from drill.reporting.page import Block, Cell, Column, Row, Section, Text, cell
from drill.reporting.words import NOTHING


def section(desk: Desk) -> Section:
    """Return the part about metrics."""
    say = desk.words.say
    metrics = desk.summary.metrics
    return Section(
        "metrics",
        say("Metrics of the document"),
        (
            _answers(desk),
            _observed(desk),
            _durations(desk, "backups", say("How long full backups took that were done"), metrics.backups),
            _durations(desk, "recoveries", say("How long restore commands took that were done"), metrics.recoveries),
        ),
    )


def _answers(desk: Desk) -> Block:
    say = desk.words.say
    columns = (
        Column(say("Metric"), share=2),
        Column(say("Answered by"), share=1.8),
        Column(say("Objective"), numeric=True),
        Column(say("Worst measured"), numeric=True),
        Column(say("Projected upper bound"), numeric=True),
        Column(say("Verdict"), share=1.5),
    )
    rows = list(_answer_rows(desk))
    return table(
        "metrics-document",
        say("What the document wants to be measured, and what was"),
        columns,
        rows,
        otherwise=say("The document names no metrics."),
    )


def _answer_rows(desk: Desk) -> Iterator[Row]:
    standings = {each.id: each for each in desk.summary.criteria}
    attested = {each.id: each for each in desk.summary.attestations}
    for metric in desk.summary.metrics.metrics:
        name = cell(Text(metric.clause, own=True), Text(metric.heading, own=True, quiet=True, breaks=True))
        for identifier in metric.criteria:
            each = standings[identifier]
            yield Row(
                (
                    name,
                    _id(identifier),
                    cell(desk.words.quantity(each.objective)),
                    desk.measured(each.worst),
                    desk.measured(each.projected),
                    (*desk.verdict(each.verdict), *because(desk, each)),
                )
            )
        for identifier in metric.attestations:
            word = cell(desk.words.say("attested"))
            yield Row((name, _id(identifier), word, cell(NOTHING), cell(NOTHING), desk.attested(attested[identifier])))


def _id(identifier: str) -> Cell:
    return cell(Text(identifier, href=f"#criterion-{identifier}", code=True))


def _observed(desk: Desk) -> Block:
    say = desk.words.say
    rate, storage = desk.summary.metrics.success, desk.summary.metrics.storage
    columns = (
        Column(say("What the logs say"), share=2),
        Column(say("Value"), numeric=True),
        Column(say("Basis"), share=2.4),
    )
    return table(
        "metrics-observed",
        say("What was observed over all runs of the span"),
        columns,
        [*_success(desk, rate), *_stored(desk, storage)],
        otherwise="",
    )


def _success(desk: Desk, rate: Rate) -> Iterator[Row]:
    say, words = desk.words.say, desk.words
    if rate.rate is None or rate.bound is None:
        yield Row((cell(say("Backup success rate")), cell(say("not measured")), cell(say("no backups were counted"))))
        return
    basis = say(
        "{done} of {tries} counted backups were done", done=words.number(rate.done), tries=words.number(rate.tries)
    )
    yield Row((cell(say("Backup success rate")), desk.of_all(words.percent(rate.rate)), cell(basis)))
    bound = say(
        "exact lower bound with 95 % confidence (Clopper–Pearson); the objective is {objective}",
        objective=words.quantity(rate.objective),
    )
    yield Row((cell(say("The rate is at least")), desk.of_all(words.percent(rate.bound)), cell(bound)))


def _stored(desk: Desk, held: Holding | None) -> Iterator[Row]:
    say, words = desk.words.say, desk.words
    basis = cell(desk.run(held.run)) if held else cell(say("no run recorded what its repository held"))

    def row(name: str, value: str | None) -> Row:
        return Row((cell(name), cell(value or say("not measured")), basis))

    cost = held.cost_per_month if held else None
    growth = held.growth_bytes_per_day if held else None
    yield row(say("Stored backups"), words.size(held.stored_bytes) if held else None)
    yield row(say("What they hold"), words.size(held.source_bytes) if held and held.source_bytes else None)
    yield row(
        say("Compression: stored bytes of source bytes"), words.percent(held.ratio) if held and held.ratio else None
    )
    yield row(say("Growth per day"), words.size(growth) if growth is not None else None)
    yield row(
        say("Cost per month"),
        f"{words.number(cost, decimals=2)} {held.currency or ''}".strip() if held and cost is not None else None,
    )


def _durations(desk: Desk, name: str, caption: str, durations: tuple[Duration, ...]) -> Block:
    say, words = desk.words.say, desk.words
    columns = (
        Column(say("Procedure"), share=2),
        Column(say("Done"), numeric=True),
        *([Column(say("Failed, of those counted"), numeric=True)] if name == "backups" else []),
        Column(say("Median"), numeric=True),
        Column(say("Longest"), numeric=True),
    )
    rows = [
        Row(
            (
                cell(Text(each.procedure, code=True)),
                desk.of_all(words.number(each.done)),
                *([desk.of_all(words.number(each.failed))] if name == "backups" else []),
                desk.of_all(words.duration(each.median)),
                cell(Text(words.duration(each.longest), href=desk.evidence(each.run, LOG))),
            )
        )
        for each in durations
    ]
    return table(f"metrics-{name}", caption, columns, rows, otherwise=say("{what}: not measured.", what=caption))
