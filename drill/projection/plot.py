"""A projection as a picture: what was measured, the line beyond it, its bound, and the promise."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from drill.errors import DrillError
from drill.policy import Objective
from drill.policy.quantity import bytes_text
from drill.projection.measurements import Measured, Series
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
        page = figure.Figure(figsize=(8, 4.5), layout="constrained")
        axes = page.subplots()
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
