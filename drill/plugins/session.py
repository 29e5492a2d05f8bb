"""The run as a whole: its options, its policy, its runtime, and nothing left of runs that were killed."""

from __future__ import annotations

import argparse
import os
import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drill.ending import ended_in_order
from drill.errors import DrillError
from drill.policy import Policy, load
from drill.progress import reported_to
from drill.runtimes import CHOICES, Resolution, RuntimeUnavailable, resolve
from drill.runtimes.sweeping import sweep_where_possible


@dataclass(frozen=True, slots=True)
class Settings:
    """What the run was asked for, after policy.toml, environment and command line have spoken.

    ``seed`` decides the estate's content, ``chance`` what nobody shall have foreseen. ``resolution`` is None where no
    runtime can be had; ``problem`` then says why.
    """

    policy: Policy
    policy_path: Path
    seed: int
    chance: int
    scale: int
    reports: Path
    resolution: Resolution | None
    problem: DrillError | None


SETTINGS = pytest.StashKey[Settings]()
SWEPT = pytest.StashKey[list[str]]()
CHOSEN = "drill-runtime"
CHANCE, MOST = "drill-chance", 10**9


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the drill's own options."""
    group = parser.getgroup("dr-drill", "DR Drill")
    group.addoption(
        "--runtime",
        choices=CHOICES,
        default=None,
        help="where the servers run: docker (testcontainers), embedded (wheels), or auto: docker where an engine has "
        "the images, else embedded (default: DR_DRILL_RUNTIME, then policy.toml)",
    )
    group.addoption(
        "--image",
        metavar="ENGINE=IMAGE",
        type=_image,
        action="append",
        default=[],
        help="an image to drill instead of the policy's, as in postgres=postgres:17; needs containers",
    )
    group.addoption("--policy", metavar="FILE", default=None, help="the policy to drill (default: policy.toml)")
    group.addoption("--seed", type=int, default=None, help="seed of the estate's content (default: policy.toml)")
    group.addoption(
        "--chance",
        type=int,
        default=None,
        help="seed of what is left to chance, as content that is made up (default: another one in each run)",
    )
    group.addoption("--scale", type=_scale, default=None, help="multiplies the estate's content (default: policy.toml)")
    group.addoption(
        "--reports",
        metavar="DIR",
        default=os.environ.get("DR_DRILL_REPORTS"),
        help="where evidence is written (default: DR_DRILL_REPORTS, then reports)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load the policy and choose the runtime, once for all workers."""
    _report_progress(config)
    _end_in_order(config)
    path = Path(config.getoption("--policy") or config.rootpath / "policy.toml")
    try:
        policy = load(path).with_images(dict(config.getoption("--image")))
    except DrillError as error:
        raise pytest.UsageError(str(error)) from None
    for criterion in policy.criteria:
        config.addinivalue_line("markers", f"{criterion.id}: {criterion.statement}")
    resolution, problem = _resolve(config, policy)
    config.stash[SETTINGS] = Settings(
        policy=policy,
        policy_path=path,
        seed=_first(config.getoption("--seed"), policy.estate.seed),
        chance=_chance(config),
        scale=_first(config.getoption("--scale"), policy.estate.scale),
        reports=config.invocation_params.dir / (config.getoption("--reports") or config.rootpath / "reports"),
        resolution=resolution,
        problem=problem,
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which runtime it is and what chance decided, so that all of them have the same."""
    settings = node.config.stash[SETTINGS]
    resolution = settings.resolution
    node.workerinput[CHANCE] = settings.chance
    node.workerinput[CHOSEN] = (resolution.name, resolution.reason) if resolution else None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remove what a killed run left."""
    if not is_worker(session.config):
        session.config.stash[SWEPT] = sweep_where_possible()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what interrupted workers of this run left; those that live clean up themselves."""
    if not is_worker(config) and SWEPT in config.stash:
        sweep_where_possible()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is about to be drilled, on what and why."""
    settings = config.stash[SETTINGS]
    lines = [f"policy: {settings.policy_path} ({len(settings.policy.criteria)} criteria)"]
    if settings.resolution is None:
        lines.append(f"runtime: none ({settings.problem})")
    else:
        lines.append(f"runtime: {settings.resolution.name} ({settings.resolution.reason})")
        lines += [f"  {engine}: {source}" for engine, source in settings.resolution.sources.items()]
    lines.append(f"estate: seed {settings.seed}, scale {settings.scale}")
    lines.append(f"chance: seed {settings.chance} (the same again: --chance={settings.chance})")
    if config.stash.get(SWEPT, []):
        lines.append(f"swept what a killed run left: {len(config.stash[SWEPT])} things")
    return lines


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def _resolve(config: pytest.Config, policy: Policy) -> tuple[Resolution | None, DrillError | None]:
    asked = config.getoption("--runtime") or os.environ.get("DR_DRILL_RUNTIME") or policy.runtime.default
    if asked not in CHOICES:
        raise pytest.UsageError(f"DR_DRILL_RUNTIME={asked}: choose one of {', '.join(CHOICES)}")
    if config.getoption("--image"):
        if asked == "embedded":
            return None, RuntimeUnavailable(
                "embedded servers come from wheels and cannot be those of an image", remedy="use --runtime=docker"
            )
        asked = "docker"
    chosen, reason = getattr(config, "workerinput", {}).get(CHOSEN) or (asked, None)
    try:
        return resolve(chosen, dict(policy.runtime.images.items()), reason=reason), None
    except DrillError as error:
        return None, error


def _chance(config: pytest.Config) -> int:
    asked: int | None = config.getoption("--chance")
    told: int | None = getattr(config, "workerinput", {}).get(CHANCE)
    return random.SystemRandom().randrange(MOST) if asked is told is None else _first(asked, told)


def _report_progress(config: pytest.Config) -> None:
    # Taken before anything is captured: what a test writes to standard error itself ends up in its report.
    standard_error = os.dup(2)
    until_the_end = ExitStack()
    until_the_end.callback(os.close, standard_error)
    until_the_end.enter_context(reported_to(lambda text: os.write(standard_error, f"\n{text}".encode())))
    config.add_cleanup(until_the_end.close)


def _end_in_order(config: pytest.Config) -> None:
    # Not its workers: whoever ends them has the run itself sweep up what they leave.
    if not is_worker(config):
        until_the_end = ExitStack()
        until_the_end.enter_context(ended_in_order())
        config.add_cleanup(until_the_end.close)


def _image(text: str) -> tuple[str, str]:
    engine, _, image = text.partition("=")
    if not image:
        raise argparse.ArgumentTypeError(f"{text!r} is no engine and image, as in postgres=postgres:17")
    return engine, image


def _scale(text: str) -> int:
    scale = int(text) if text.isdecimal() else 0
    if scale < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return scale


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)
