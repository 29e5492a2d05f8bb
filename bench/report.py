"""The measurements as a table on the terminal and as docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measurement import Measurement
from drill.evidence import surroundings

HEADINGS = ("what", "runtime", "measured", "limit", "within", "samples")
VERDICTS = {True: "yes", False: "no", None: "unknown"}
NO_LIMIT = "–"


def show(measurements: Sequence[Measurement], console: Console) -> None:
    """Print the table."""
    table = Table(*HEADINGS, title="Benchmarks", title_justify="left")
    for measurement in measurements:
        table.add_row(*_cells(measurement), style=None if measurement.limit is None or measurement.within else "yellow")
    console.print(table)


def write(measurements: Sequence[Measurement], path: Path, *, versions: Sequence[str], command: str) -> None:
    """Write the table and what its numbers depend on."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}; run it to have your own machine's numbers.",
        "Ratios are medians of alternating pairs of one run. No test depends on them.",
        "",
        _row(HEADINGS),
        _row(["---"] * len(HEADINGS)),
        *(_row(_cells(measurement)) for measurement in measurements),
        "",
        "## The machine",
        "",
        *(f"- {fact}" for fact in _facts(versions)),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _cells(measurement: Measurement) -> list[str]:
    return [
        measurement.what,
        measurement.runtime,
        "not measured" if measurement.value is None else f"{measurement.value:.2f} {measurement.unit}",
        NO_LIMIT if measurement.limit is None else f"{measurement.limit:g} {measurement.unit}",
        NO_LIMIT if measurement.limit is None else VERDICTS[measurement.within],
        measurement.detail,
    ]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _facts(versions: Sequence[str]) -> list[str]:
    machine = surroundings.machine()
    python = surroundings.versions()["python"]
    memory = f"{machine['memory_bytes'] / 2**30:.0f} GiB of memory"
    return [
        f"{machine['cores']} cores ({machine['architecture']}), {memory}, {machine['system']}",
        f"Python {python}",
        *versions,
    ]
