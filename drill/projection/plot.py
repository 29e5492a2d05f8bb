"""A projection as a picture: what was measured, the line beyond it, its bound, the promise, and the phases below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from drill.errors import DrillError
from drill.policy import Objective
from drill.policy.quantity import bytes_text
from drill.projection.line import Measured
from drill.projection.measurements import Series
from drill.projection.presentation import phases_by_size
from drill.projection.projection import Projection

STEPS = 60
_SETTINGS = {"svg.hashsalt": "dr-drill", "svg.fonttype": "none"}


def save(directory: Path, series: Series, values: Measured, projection: Projection, objective: Objective) -> Path:
    """Draw a projection into a directory, as ``<criterion>-<procedure>.svg``; the same values give the same bytes.

    Raises:
        DrillError: matplotlib is not installed, or the directory cannot be written to.
    """
    matplotlib, figure = _matplotlib()
    with matplotlib.rc_context(_SETTINGS):
        phases = list(phases_by_size(values))
        page = figure.Figure(figsize=(8, 6 if phases else 4.5), layout="constrained")
        axes, *below = page.subplots(2, 1, height_ratios=(3, 1)) if phases else [page.subplots()]
        for each in below:
            _stack(each, phases)
        axes.set(xscale="log", yscale="log", xlabel="bytes", ylabel="seconds")
        axes.set_title(f"{series.criterion} by {series.procedure}, on {series.servers}", loc="left", fontsize=10)
        axes.scatter([each.size for each in values.whole], [each.seconds for each in values.whole], label="measured")
        if projection.line is not None:
            sizes = _sizes(projection)
            expected, bound = zip(*map(projection.seconds, sizes), strict=True)
            axes.plot(sizes, expected, label="expected")
            axes.plot(sizes, bound, "--", label="upper bound, 95 %")
        axes.axhline(objective.quantity.duration.total_seconds(), color="C3", label=f"promised: {objective}")
        axes.axvline(projection.size, color="grey", linestyle=":", label=f"production: {bytes_text(projection.size)}")
        axes.legend(fontsize=8)
        path = directory / f"{series.criterion}-{series.procedure}.svg"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            page.savefig(path, metadata={"Date": None})
        except OSError as error:
            raise DrillError(f"{path} cannot be written: {error.strerror}", remedy="name another directory") from error
    return path


def _stack(axes: Any, phases: Sequence[tuple[float, Mapping[str, float]]]) -> None:
    """Draw how many seconds of each size belong to which phase."""
    labels, ends = [bytes_text(size) for size, _ in phases], [0.0] * len(phases)
    for name in phases[0][1]:
        seconds = [of_size[name] for _, of_size in phases]
        axes.barh(labels, seconds, left=ends, label=name)
        ends = [end + more for end, more in zip(ends, seconds, strict=True)]
    axes.set(xlabel="seconds, phase by phase")
    axes.legend(fontsize=8)


def _sizes(projection: Projection) -> list[float]:
    smallest = min(point.size for point in projection.groups[-3])
    return [smallest * (projection.size / smallest) ** (step / STEPS) for step in range(STEPS + 1)]


def _matplotlib() -> tuple[ModuleType, ModuleType]:
    try:
        import matplotlib
        import matplotlib.figure
    except ImportError as error:
        raise DrillError("matplotlib is not installed", remedy='run: pip install "dr-drill[report]"') from error
    return matplotlib, matplotlib.figure
