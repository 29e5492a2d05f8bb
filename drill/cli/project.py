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
from drill.policy import Objective, Policy, find, load
from drill.policy.quantity import duration_text
from drill.projection import presentation
from drill.projection.line import Measured
from drill.projection.measurements import Series, measured
from drill.projection.plot import save
from drill.projection.projection import Projection, project
from drill.projection.tiers import TierProjection, recoveries, tiers


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
    measure next. Everything is measured at four sizes each by

        pytest features/ -k ever_larger_sizes

    and further ones by

        pytest features/database/recovery_time.feature --scale=100

    A promise is proven only if the 95 % upper bound keeps it. What could be restored within the promised time is told,
    too.

    Of each tier it is told when all of it is back, along the order of recovery in policy.toml: the bounds of the steps
    that wait for each other, added up. A step that nothing can be said of leaves its tier unproven. With --criterion
    or --size tiers are left out.

    Exit status: 0 every projection and tier keeps its promise, 1 one does not, 2 wrong usage, 3 it cannot be told.
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
    verdicts = {series: projection.verdict(_objective(policy, series)) for series, (_, projection) in found.items()}
    if plot is not None:
        for series, (values, projection) in found.items():
            save(plot, series, values, projection, _objective(policy, series))
    told = [] if criteria or size else _tiers(policy, {series: projection for series, (_, projection) in found.items()})
    if as_data:
        projections = [presentation.data(series, *found[series], _objective(policy, series)) for series in found]
        of_tiers = [presentation.tier_data(runtime, tier) for runtime, tier in told]
        typer.echo(json.dumps({"projections": projections, "tiers": of_tiers}, indent=2))
    else:
        page = wide_console()
        for series, (values, projection) in found.items():
            page.print(Text(f"{series.criterion} by {series.procedure}, on {series.servers}", style="bold"))
            for line in presentation.lines(values, projection, _objective(policy, series)):
                page.print(Text(f"  {line}"))
            page.print(Text(f"  {verdicts[series]}", style=COLOURS[verdicts[series]]))
        for runtime, tier in told:
            page.print(
                Text(
                    f"all that is {tier.tier}, on {runtime}, has to be back in {duration_text(tier.limit)}",
                    style="bold",
                )
            )
            page.print(Text(f"  {tier}"))
            page.print(Text(f"  {tier.verdict}", style=COLOURS[tier.verdict]))
    raise typer.Exit(EXIT_STATUS[worst([*verdicts.values(), *(tier.verdict for _, tier in told)])])


def _objective(policy: Policy, series: Series) -> Objective:
    return policy.criterion(series.criterion).objective


def _tiers(policy: Policy, found: dict[Series, Projection]) -> list[tuple[str, TierProjection]]:
    """Return what is known of each tier, by the runtime that it was measured on."""
    together = recoveries(policy, found)
    return [(runtime or "no runtime", tier) for (runtime, _), each in together.items() for tier in tiers(policy, each)]


def _projected(policy: Policy, series: Series, values: Measured, size: str | None) -> Projection:
    rate = policy.production_rates.get(series.procedure)
    return project(values, size=_bytes(size) if size else policy.production[series.procedure], rate=rate)


def _bytes(text: str) -> int:
    try:
        size = TypeAdapter(ByteSize).validate_python(text)
    except ValidationError as error:
        raise DrillError(f"{text!r} is no size", remedy='write it as in "2TB" or "500 GB"') from error
    if size <= 0:
        raise DrillError(f"{text!r} is no size", remedy="give more than nothing")
    return size
