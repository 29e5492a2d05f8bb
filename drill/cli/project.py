"""``dr-drill project``: what the measured times mean at production's size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ByteSize, TypeAdapter, ValidationError
from rich.text import Text

from drill.cli.application import EXIT_STATUS, PolicyFile, ReportsDirectory, app, reports_or_here, wide_console
from drill.errors import DrillError
from drill.evidence.summary import COLOURS
from drill.evidence.verdict import worst
from drill.policy import Policy, find, load
from drill.policy.quantity import bytes_text
from drill.projection.measurements import Measured, Series, measured
from drill.projection.plot import save
from drill.projection.projection import Projection, project


@app.command(name="project")
def project_(
    *,
    reports: ReportsDirectory = None,
    file: PolicyFile = None,
    criteria: Annotated[
        list[str] | None, typer.Option("--criterion", metavar="ID", help="Only this one; may be repeated.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="SIZE", help='Instead of the size in policy.toml, as in "2TB".')
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Draw each projection into this directory, as SVG.")
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
) -> None:
    """Say how long recoveries and backups would take at production's size, at most, from what all runs have measured.

    It takes at least four sizes, measured on the same servers and kind of machine; restores slow down as they grow, so
    the largest sizes decide. Where the smaller sizes do not foretell the largest one, nothing is said but which size to
    measure next. The database, the cache and the logs are measured at four sizes each by

        pytest features/ -k ever_larger_sizes

    and further ones by

        pytest features/database/recovery_time.feature --scale=100

    A promise is proven only if the 95 % upper bound keeps it. What could be restored within the promised time is told,
    too.

    Exit status: 0 every projection keeps its promise, 1 one does not, 2 wrong usage, 3 it cannot be told.
    """
    policy = load(file or find(Path.cwd()))
    place = reports_or_here(reports)
    for identifier in criteria or []:
        policy.criterion(identifier)
    known = {criterion.id for criterion in policy.criteria}
    found = {
        series: (values, _projected(policy, series, values, size))
        for series, values in measured(place, policy).items()
        if series.criterion in (criteria or known) and series.procedure in policy.production
    }
    if not found:
        raise DrillError(
            f"{place} holds no times that belong to a size", remedy="run pytest features/ -m RTO-DB or RTO-CACHE first"
        )
    verdicts = {
        series: projection.verdict(policy.criterion(series.criterion).objective)
        for series, (_, projection) in found.items()
    }
    if plot is not None:
        for series, (values, projection) in found.items():
            save(plot, series, values, projection, policy.criterion(series.criterion).objective)
    if as_data:
        typer.echo(json.dumps([_data(policy, series, *found[series]) for series in found], indent=2))
    else:
        page = wide_console()
        for series, (values, projection) in found.items():
            page.print(Text(f"{series.criterion} by {series.procedure}, on {series.servers}", style="bold"))
            for line in _lines(policy, series, values, projection):
                page.print(Text(f"  {line}"))
            page.print(Text(f"  {verdicts[series]}", style=COLOURS[verdicts[series]]))
    raise typer.Exit(EXIT_STATUS[worst(verdicts.values())])


def _projected(policy: Policy, series: Series, values: Measured, size: str | None) -> Projection:
    rate = policy.production_rates.get(series.procedure)
    return project(values.whole, size=_bytes(size) if size else policy.production[series.procedure], rate=rate)


def _bytes(text: str) -> int:
    try:
        size = TypeAdapter(ByteSize).validate_python(text)
    except ValidationError as error:
        raise DrillError(f"{text!r} is no size", remedy='write it as in "2TB" or "500 GB"') from error
    if size <= 0:
        raise DrillError(f"{text!r} is no size", remedy="give more than nothing")
    return size


def _lines(policy: Policy, series: Series, values: Measured, projection: Projection) -> list[str]:
    objective = policy.criterion(series.criterion).objective
    lines = [str(projection)]
    if projection.line is not None:
        largest = [(name, max(points)) for name, points in values.phases.items()]
        if largest:
            lines.append("the largest: " + ", ".join(f"{name} {point.seconds:.2f} s" for name, point in largest))
        within = bytes_text(projection.within(objective.quantity.duration))
        lines.append(f"within {objective.quantity.readable()}, up to {within} (95 %)")
    lines.append(f"promised: {objective}")
    return lines


def _data(policy: Policy, series: Series, values: Measured, projection: Projection) -> dict[str, object]:
    objective = policy.criterion(series.criterion).objective
    return {
        "criterion": series.criterion,
        "procedure": series.procedure,
        "servers": series.servers,
        "objective": str(objective),
        "verdict": projection.verdict(objective),
        "size": projection.size,
        "largest_measured": projection.largest,
        "factor": round(projection.factor, 3),
        "expected_seconds": projection.expected.total_seconds() if projection.expected else None,
        "bound_seconds": projection.bound.total_seconds() if projection.bound else None,
        "within_objective": projection.within(objective.quantity.duration),
        "problem": projection.problem,
        "measurements": [[point.size, point.seconds] for point in values.whole],
    }
