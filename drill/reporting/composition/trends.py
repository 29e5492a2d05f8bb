"""Trends as drawings; each says in words what it shows, for whoever does not see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drill.reporting import plots
from drill.reporting.composition.parts import Desk
from drill.reporting.measures import Trend
from drill.reporting.page import Block, Cell, Figure, Paragraph, Section, Text, cell


def section(desk: Desk) -> Section:
    """Return the part about trends."""
    say, trends = desk.words.say, desk.summary.trends
    return Section(
        "trends",
        say("Trends"),
        (
            _calendar(desk),
            *_values(desk, "recovery", say("Recovery time against its objective"), trends.recovery),
            *_values(desk, "loss", say("Loss window against its objective"), trends.loss),
            *_tiers(desk),
            *_success(desk),
            *_storage(desk),
        ),
    )


def _calendar(desk: Desk) -> Figure:
    say, words, days = desk.words.say, desk.words, desk.summary.trends.calendar
    without = sum(day.verdict is None for day in days)
    alt = say(
        "A calendar of {all} days: {proven} whose runs were all proven, {disproven} with something disproven, "
        "{unproven} with something unproven, {without} without a run that counts.",
        all=words.number(len(days)),
        proven=words.number(sum(day.verdict == "proven" for day in days)),
        disproven=words.number(sum(day.verdict == "disproven" for day in days)),
        unproven=words.number(sum(day.verdict == "unproven" for day in days)),
        without=words.number(without),
    )
    title = say("Drill calendar: the worst verdict of each day")
    return Figure("plot-calendar", title, plots.calendar(days, words), alt, _all_runs(desk), wide=True)


def _all_runs(desk: Desk) -> Cell:
    """Say where the runs are, of all of which something is drawn; nothing where there is none."""
    if not desk.summary.drills:
        return ()
    return (Text(desk.words.say("Evidence: ")), *desk.of_all(desk.words.say("the runs of the span")))


def _single_runs(desk: Desk, told: Iterable[tuple[str, str]]) -> Cell:
    """Name values, each of which leads to the run that had it."""
    places = [piece for text, run in told for piece in (Text("; "), *desk.of_run(text, run))]
    return (Text(desk.words.say("Evidence: ")), *places[1:])


def _values(desk: Desk, name: str, title: str, trends: tuple[Trend, ...]) -> Iterator[Block]:
    words = desk.words
    if not trends:
        yield Paragraph(cell(words.say("{what}: not measured.", what=title)))
        return
    told = "; ".join(
        words.say(
            "{criterion}: {number} values from {least} to {most}, objective {objective}",
            criterion=each.criterion,
            number=words.number(len(each.points)),
            least=words.duration(min(point.measured or 0.0 for point in each.points)),
            most=words.duration(max(point.measured or 0.0 for point in each.points)),
            objective=words.quantity(each.objective),
        )
        for each in trends
    )
    worst = [(each.criterion, max(each.points, key=lambda point: point.measured or 0.0)) for each in trends]
    evidence = _single_runs(desk, [(f"{name} {words.duration(at.measured or 0.0)}", at.run) for name, at in worst])
    yield Figure(f"plot-{name}", title, plots.durations(trends, words), f"{told}.", evidence)


def _tiers(desk: Desk) -> Iterator[Block]:
    say, words, trends = desk.words.say, desk.words, desk.summary.trends.tiers
    title = say("All of a tier back in production, at most, against its recovery time")
    known = [each for each in trends if each.points]
    if not known:
        yield Paragraph(cell(say("{what}: not measured.", what=title)))
        return
    told = [
        say(
            "{tier}: {number} bounds from {least} to {most}, to be back in {limit}; {unknown} runs could not tell",
            tier=each.tier,
            number=words.number(len(each.points)),
            least=words.duration(min(point.projected for point in each.points)),
            most=words.duration(max(point.projected for point in each.points)),
            limit=words.duration(each.limit),
            unknown=words.number(each.unknown),
        )
        for each in known
    ]
    told += [
        say("{tier}: {unknown} runs could not tell", tier=each.tier, unknown=words.number(each.unknown))
        for each in trends
        if not each.points
    ]
    longest = [(each.tier, max(each.points, key=lambda point: point.projected)) for each in known]
    evidence = _single_runs(desk, [(f"{name} {words.duration(at.projected)}", at.run) for name, at in longest])
    yield Figure("plot-tiers", title, plots.tiers(known, words), f"{'. '.join(told)}.", evidence)


def _success(desk: Desk) -> Iterator[Block]:
    say, words, days = desk.words.say, desk.words, desk.summary.trends.success
    title = say("Success rate of counted backups, and its lower bound")
    if not days:
        yield Paragraph(cell(say("{what}: not measured.", what=title)))
        return
    rate = desk.summary.metrics.success
    alt = say(
        "Of {tries} counted backups {done} were done; the lower bound of the rate has come to {bound}, "
        "the objective is {objective}.",
        tries=words.number(rate.tries),
        done=words.number(rate.done),
        bound=words.percent(days[-1].bound),
        objective=words.quantity(rate.objective),
    )
    yield Figure("plot-success", title, plots.success(days, rate.objective, words), alt, _all_runs(desk))


def _storage(desk: Desk) -> Iterator[Block]:
    say, words, holdings = desk.words.say, desk.words, desk.summary.trends.storage
    title = say("Storage growth")
    if not holdings:
        yield Paragraph(cell(say("{what}: not measured.", what=title)))
        return
    alt = say(
        "The repository held {first} after the first run and {last} after the newest.",
        first=words.size(holdings[0].stored_bytes),
        last=words.size(holdings[-1].stored_bytes),
    )
    ends = [(words.size(each.stored_bytes), each.run) for each in dict.fromkeys((holdings[0], holdings[-1]))]
    yield Figure("plot-storage", title, plots.storage(holdings, words), alt, _single_runs(desk, ends))
