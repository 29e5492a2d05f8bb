"""A check of the schedule, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.consistency.judgement import Consistency
from drill.consistency.standing import Ages, Standing
from drill.policy import Policy
from drill.policy.quantity import duration_text


def tables(found: Consistency) -> Group:
    """Return where every procedure stands, and every contradiction with its remedy."""
    return Group(_standings(found), _contradictions(found), *(Text(line) for line in _outdated(found)))


def as_json(policy: Policy, found: Consistency) -> dict[str, Any]:
    """Return the same for programs; durations are in seconds."""
    return {
        "policy": str(policy.file),
        "standings": [_standing(each) for each in found.standings],
        "contradictions": [
            {"id": each.id, **asdict(each), "known": (known := found.known(each)) and known.model_dump(mode="json")}
            for each in found.contradictions
        ],
        "outdated": [each.id for each in found.outdated],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    ages, loss = standing.ages, standing.loss
    return {
        "data": standing.data,
        "engine": standing.engine,
        "procedure": standing.procedure,
        "backup_takes": standing.taking.time.total_seconds(),
        "backup_takes_known": standing.taking.known,
        "backup_takes_source": standing.taking.source,
        "loss_promised": standing.promised.total_seconds(),
        "loss_at_worst": loss.window.total_seconds() if loss else None,
        "loss_because": loss.because if loss else None,
        "keeps": standing.keeps,
        "newest_point_at_most": ages.newest.total_seconds() if ages else None,
        "oldest_point_at_least": ages.oldest.total_seconds() if ages else None,
        "oldest_point_at_most": ages.removed.total_seconds() if ages and ages.removed else None,
    }


def _standings(found: Consistency) -> Table:
    drawn = Table(title="What can be lost at worst, and how old restore points are", title_justify="left")
    columns = ("data", "procedure", "a backup takes", "lost at worst", "because", "promised", "newest point", "oldest")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for each in found.standings:
        cells = (
            f"{each.data} ({each.engine})",
            each.procedure,
            f"{duration_text(each.taking.time)}, {each.taking.known}",
            each.loss_text,
            each.loss.because if each.loss else "",
            f"< {duration_text(each.promised)}",
            *_ages(each.ages),
        )
        drawn.add_row(*map(Text, cells), style=None if each.keeps else "yellow")
    sources = dict.fromkeys(f"{each.taking.known}: {each.taking.source}" for each in found.standings)
    drawn.caption = Text("\n".join(sources))
    drawn.caption_justify = "left"
    return drawn


def _ages(ages: Ages | None) -> tuple[str, str]:
    if ages is None:
        return "none", "none"
    until = duration_text(ages.removed) if ages.removed else "never removed"
    return f"up to {duration_text(ages.newest)}", f"{duration_text(ages.oldest)} to {until}"


def _contradictions(found: Consistency) -> Table:
    known = len(found.contradictions) - len(found.unknown)
    drawn = Table(
        title="What is scheduled contradicts what is promised" if found.contradictions else "No contradiction",
        title_justify="left",
        caption=Text(f"{len(found.contradictions)} contradictions, {known} on record in [[contradictions]]"),
        caption_justify="left",
        show_lines=True,
    )
    drawn.add_column("id", no_wrap=True)
    for column in ("what", "where", "remedy", "on record"):
        drawn.add_column(column, overflow="fold")
    for each in found.contradictions:
        record = found.known(each)
        told = (
            "no"
            if record is None
            else "; ".join(filter(None, (record.reason, record.instead and f"instead: {record.instead}")))
        )
        drawn.add_row(*map(Text, (each.id, each.what, "\n".join(each.where), each.remedy, told)))
    return drawn


def _outdated(found: Consistency) -> Iterator[str]:
    for each in found.outdated:
        yield f"{each.id} is on record and not so any more; take it out of [[contradictions]]"
