"""``dr-drill report``: what a month proved, for auditors."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from drill.cli.application import PolicyFile, PublicKeys, ReportsDirectory, app, sound_policy
from drill.errors import DrillError
from drill.evidence.audits import FOLDER
from drill.evidence.keys import public_key
from drill.evidence.verification import verify
from drill.policy import Policy
from drill.reporting.assembly import assembled
from drill.reporting.period import Period

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

DAY = ["%Y-%m-%d"]


@app.command()
def report(
    *,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="The month; otherwise the last whole one.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="The first day, in place of a month.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAY, help="The day after the last one; otherwise today's.")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="en or vi.")] = "en",
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Where to; otherwise {FOLDER} below the reports.")
    ] = None,
    reports: ReportsDirectory = None,
    file: PolicyFile = None,
    keys: PublicKeys = None,
) -> None:
    """Write what the runs of a month proved of the policy, and what they did not: HTML, PDF, JSON and OSCAL.

    Nothing is run: the report is made from the records of the runs, the policy and its document, and what was altered
    or never stated does not count. The same history has the same bytes. Days and times are in UTC.

    Exit status: 0 written, whatever it says (dr-drill gate decides), 2 wrong usage.
    """
    policy = sound_policy(file)
    place = reports or policy.directory / "reports"
    period = _period(month, since, until)
    publication = _publication()
    with _without_collector():
        verification = verify(place, keys=_keys(policy, keys))
        summary = assembled(policy, verification, reports=place, period=period)
        page, written = publication.published(
            summary, period, language=language, directory=output or place / FOLDER, reports=place
        )
    typer.echo(f"{page.subtitle}: {page.verdict_name}. {page.sentence}")
    for warning in page.warnings:
        typer.echo(f"! {warning.text}")
    if output is None:
        written.append(publication.contents.write(place, policy=policy, verification=verification))
    for path in written:
        typer.echo(f"written: {path}")


@contextmanager
def _without_collector() -> Iterator[None]:
    """Leave cycles uncollected for a while.

    A year has hundreds of thousands of small objects that live to the end: to look for cycles among them, again and
    again, took a quarter of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _period(month: str | None, since: datetime | None, until: datetime | None) -> Period:
    today = datetime.now(UTC).date()
    if since is None and until is None:
        return Period.month(month, today=today)
    if month is not None or since is None:
        raise DrillError("a month and other days were given, or no first day", remedy="give --month, or --since")
    return Period.between(since.date(), _day(until) or date.fromordinal(today.toordinal() + 1), today=today)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _keys(policy: Policy, named: list[Path] | None) -> list[SSlibKey]:
    return [
        public_key(path) for path in [*(named or []), *(policy.directory / each for each in policy.gate.public_keys)]
    ]


def _publication() -> ModuleType:
    try:
        from drill.reporting import publication
    except ImportError as error:
        raise DrillError(
            f"reports need a library that is not installed ({error.name})", remedy="pip install 'dr-drill[report]'"
        ) from error
    return publication
