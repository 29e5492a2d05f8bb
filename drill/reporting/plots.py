"""The drawings, as SVG whose colours the page decides.

Every colour is written as a placeholder, which HTML turns into a variable of its style sheet, so that one drawing
serves light and dark, and PDF into the light colour. Nothing in a drawing depends on when or where it was made.
"""

from __future__ import annotations

import io
import math
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from drill.evidence.verdict import Verdict
from drill.reporting.measures import Day, DayRate, Holding, TierTrend, Trend
from drill.reporting.words import Words

INK, MUTED, LINE, PAPER = "#010101", "#020202", "#030303", "#040404"
PROVEN, DISPROVEN, UNPROVEN, LIMIT = "#050505", "#060606", "#070707", "#080808"
SERIES = ("#110101", "#120101", "#130101", "#140101", "#150101", "#160101")
NAMES: Mapping[str, str] = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    PAPER: "paper",
    PROVEN: "proven",
    DISPROVEN: "disproven",
    UNPROVEN: "unproven",
    LIMIT: "limit",
    **{colour: f"series-{place}" for place, colour in enumerate(SERIES, start=1)},
}
"""What each placeholder stands for."""

_MARKERS = "osD^vP"
_WIDTH, _HEIGHT = 5.4, 2.9
"""Inches; narrow, so that letters can be read where a phone shows all of it."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dr-drill",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
}
_PROJECTED, _OBJECTIVE = (0, (2, 2)), (0, (6, 3))
_LETTER = 0.075
"""How much of the height the name of an objective takes."""
_TIMES = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 4 * 3600, 24 * 3600, 7 * 86400, 30 * 86400)
"""Seconds at which an axis of durations has its marks."""


def durations(trends: Sequence[Trend], words: Words) -> str:
    """Draw the values of criteria on a logarithmic axis of time, with every objective as a line."""
    with _drawing() as (figure, axes):
        axes.set_yscale("log")
        values = [trend.limit for trend in trends]
        for place, trend in enumerate(trends):
            colour, marker = SERIES[place % len(SERIES)], _MARKERS[place % len(_MARKERS)]
            at = [_at(point.at) for point in trend.points]
            measured = [max(point.measured or 0.0, _TIMES[0]) for point in trend.points]
            bounds = [(when, point.projected) for when, point in zip(at, trend.points, strict=True) if point.projected]
            axes.plot(
                at,
                measured,
                color=colour,
                marker=marker,
                markersize=_marker(len(at)),
                markevery=_every(len(at)),
                linewidth=1.4,
                label=trend.criterion,
            )
            if bounds:
                axes.plot(
                    *zip(*bounds, strict=True), color=colour, linestyle=_PROJECTED, linewidth=1.2,
                    marker=marker, markersize=_marker(len(at)), markerfacecolor="none", markevery=_every(len(bounds)),
                )  # fmt: skip
            values += measured + [bound for _, bound in bounds]
        if any(point.projected for trend in trends for point in trend.points):
            axes.plot([], [], color=MUTED, linestyle=_PROJECTED, linewidth=1.2, label=words.say("projected"))
        _time_axis(axes, values, words)
        _objectives(axes, sorted({trend.limit for trend in trends}), words)
        _dates(axes, words)
        _legend(axes)
        return _svg(figure)


def tiers(trends: Sequence[TierTrend], words: Words) -> str:
    """Draw when all of each tier would be back at most, with every tier's recovery time as a line."""
    with _drawing() as (figure, axes):
        axes.set_yscale("log")
        for place, trend in enumerate(trends):
            at, bounds = [_at(point.at) for point in trend.points], [point.projected for point in trend.points]
            axes.plot(
                at, [max(bound, _TIMES[0]) for bound in bounds], color=SERIES[place % len(SERIES)], label=trend.tier,
                linestyle=_PROJECTED, linewidth=1.2, marker=_MARKERS[place % len(_MARKERS)],
                markersize=_marker(len(at)), markerfacecolor="none", markevery=_every(len(at)),
            )  # fmt: skip
        values = [max(point.projected, _TIMES[0]) for trend in trends for point in trend.points]
        _time_axis(axes, [*values, *(trend.limit for trend in trends)], words)
        _objectives(axes, sorted({trend.limit for trend in trends}), words)
        _dates(axes, words)
        _legend(axes)
        return _svg(figure)


def success(days: Sequence[DayRate], objective: str, words: Words) -> str:
    """Draw the share of each day's counted backups that were done, and the bound that all of them give so far."""
    with _drawing() as (figure, axes):
        at = [_at(day.day) for day in days]
        rates, bounds = [day.done / day.tries for day in days], [day.bound for day in days]
        size = _marker(len(at))
        axes.plot(at, rates, color=SERIES[0], marker="o", markersize=size, linewidth=0, label=words.say("of each day"))
        label = words.say("lower bound so far")
        axes.plot(at, bounds, color=SERIES[1], marker="s", markersize=size - 1, linewidth=1.4, label=label)
        limit = float(re.sub(r"[^0-9.]", "", objective)) / 100
        _limit(axes, limit, words.say("objective {value}", value=words.quantity(objective)))
        low = min([*rates, *bounds, limit])
        axes.set_ylim(low - (1 - low) * 0.15 - 0.002, 1 + (1 - low) * 0.08 + 0.001)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value) if value <= 1 else ""))
        _dates(axes, words)
        _legend(axes)
        return _svg(figure)


def storage(holdings: Sequence[Holding], words: Words) -> str:
    """Draw what the repository held, and how much that was before it was compressed."""
    with _drawing() as (figure, axes):
        at = [_at(each.at) for each in holdings]
        axes.fill_between(at, [each.stored_bytes for each in holdings], color=SERIES[0], alpha=0.18, linewidth=0)
        stored = [each.stored_bytes for each in holdings]
        axes.plot(
            at,
            stored,
            color=SERIES[0],
            marker="o",
            markersize=_marker(len(at)),
            markevery=_every(len(at)),
            linewidth=1.4,
            label=words.say("stored"),
        )
        whole = [(when, each.source_bytes) for when, each in zip(at, holdings, strict=True) if each.source_bytes]
        if whole:
            axes.plot(*zip(*whole, strict=True), color=SERIES[1], linewidth=1.2, label=words.say("what it holds"))
        axes.set_ylim(0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.size(value)))
        _dates(axes, words)
        _legend(axes)
        return _svg(figure)


_SIGNS = {Verdict.PROVEN: "✓", Verdict.DISPROVEN: "✕", Verdict.UNPROVEN: "?"}
_FILLS = {Verdict.PROVEN: PROVEN, Verdict.DISPROVEN: DISPROVEN, Verdict.UNPROVEN: UNPROVEN}
_DAYS: Mapping[Verdict | None, tuple[str, str, str, str]] = {
    **{verdict: (fill, fill, _SIGNS[verdict], PAPER) for verdict, fill in _FILLS.items()},
    None: ("none", LINE, "-", MUTED),
}
"""How a day is drawn: its square's inside and edge, its sign and the sign's colour."""


def calendar(days: Sequence[Day], words: Words) -> str:
    """Draw a square for every day, one row a month; a sign says the same as the colour."""
    months = sorted({(day.day.year, day.day.month) for day in days})
    longest = max(monthrange(*month)[1] for month in months)
    height = 0.9 + 0.33 * len(months)
    with _drawing(width=10.5, height=height) as (figure, axes):
        square = MarkerStyle(FancyBboxPatch((-0.5, -0.5), 1, 1, boxstyle="round,pad=0,rounding_size=0.14").get_path())
        for verdict, (fill, edge, sign, colour) in _DAYS.items():
            there = [day.day for day in days if day.verdict == verdict]
            at = [day.day for day in there], [months.index((day.year, day.month)) for day in there]
            axes.plot(*at, linewidth=0, marker=square, markersize=19, markerfacecolor=fill, markeredgecolor=edge)
            axes.plot(*at, linewidth=0, marker=f"${sign}$", markersize=7, color=colour, markeredgewidth=0)
        axes.set_xlim(0.3, longest + 0.7)
        axes.set_ylim(len(months) - 0.4, -0.6)
        axes.xaxis.set_ticks(range(1, longest + 1))
        axes.xaxis.tick_top()
        axes.yaxis.set_ticks(range(len(months)), [words.month(date(year, month, 1)) for year, month in months])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        for verdict, sign in _SIGNS.items():
            axes.plot([], [], marker="s", linewidth=0, color=_FILLS[verdict], label=f"{sign} {words.verdict(verdict)}")
        nothing = words.say("no run that counts")
        label = f"– {nothing}"
        axes.plot([], [], marker="s", linewidth=0, markerfacecolor="none", markeredgecolor=LINE, label=label)
        _legend(axes, columns=4)
        return _svg(figure)


@contextmanager
def _drawing(*, width: float = _WIDTH, height: float = _HEIGHT) -> Iterator[tuple[Figure, Axes]]:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def _svg(figure: Figure) -> str:
    page = io.StringIO()
    # Not savefig, which lays a figure out and draws it once more than is needed.
    FigureCanvasSVG(figure).print_svg(page, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    text = page.getvalue()
    return text[text.index("<svg") :].strip()


def coloured(svg: str, colour: Callable[[str], str]) -> str:
    """Return a drawing with its placeholders replaced by what a colour of that name is."""
    pattern = "|".join(map(re.escape, NAMES))
    return re.sub(pattern, lambda found: colour(NAMES[found[0]]), svg)


def _time_axis(axes: Axes, values: Sequence[float], words: Words) -> None:
    """Mark an axis of durations at those that people know, as far as the values go."""
    shown = [each for each in _TIMES if min(values) / 12 <= each <= max(values) * 3]
    axes.yaxis.set_major_locator(FixedLocator(shown))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.duration(value)))
    axes.set_ylim(min(values) / 2, max(values) * 3)


def _objectives(axes: Axes, limits: Sequence[float], words: Words) -> None:
    """Draw objectives as lines with their names beside the axes, where they cover nothing, nor one another."""
    low, high = map(math.log, axes.get_ylim())
    above = 0.0
    for limit in limits:
        axes.axhline(limit, color=LIMIT, linewidth=1.1, linestyle=_OBJECTIVE)
        above = max((math.log(limit) - low) / (high - low), above + _LETTER)
        axes.annotate(
            words.duration(limit), (1.01, above), xycoords="axes fraction", va="center", color=LIMIT, fontsize=9
        )
    axes.plot([], [], color=LIMIT, linewidth=1.1, linestyle=_OBJECTIVE, label=words.say("objective"))


def _limit(axes: Axes, value: float, label: str) -> None:
    axes.axhline(value, color=LIMIT, linewidth=1.1, linestyle=_OBJECTIVE)
    axes.annotate(
        label, (0.995, value), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points",
        ha="right", va="bottom", color=LIMIT, fontsize=9, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip


def _dates(axes: Axes, words: Words) -> None:
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.margins(x=0.03)
    first, last = axes.dataLim.x0, axes.dataLim.x1
    if last - first < 1:
        axes.set_xlim(first - 0.5, last + 0.5)
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=6, interval_multiples=False))  # type: ignore[no-untyped-call]
    if last - first < 3:
        days = range(int(first), int(last) + 2)
        axes.xaxis.set_major_locator(FixedLocator([day for day in days if first - 0.5 <= day <= last + 0.5]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short_day(_day(value))))


def _legend(axes: Axes, *, columns: int = 3) -> None:
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=columns, frameon=False, fontsize=9, handlelength=1.8
    )


_MOST_MARKERS = 62


def _marker(points: int) -> float:
    return 4.5 if points <= _MOST_MARKERS else 3


def _every(points: int) -> int:
    """Return which points of a line have a marker, every first or third: it tells lines apart, and hides none."""
    return 1 + (points - 1) // _MOST_MARKERS


@cache  # all criteria of a run share its moment
def _at(moment: date) -> float:
    return float(date2num(moment))  # type: ignore[no-untyped-call]


def _day(value: float) -> date:
    return num2date(value).date()  # type: ignore[no-untyped-call, no-any-return]
