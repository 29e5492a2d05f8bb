"""One month of history that nobody ran, with nights that failed and nights without a run, and its report."""

import os
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from drill.evidence.verification import verify
from drill.policy import load
from drill.reporting.assembly import assembled
from drill.reporting.period import Period
from drill.reporting.publication import published
from tests.evidence.rehearsal import REPOSITORY
from tests.reporting.months import Nights, history, sabotage

POLICY = load(REPOSITORY / "policy.toml")
TODAY = date(2026, 12, 3)
NOVEMBER = Period.month("2026-11", today=TODAY)
SMALL = {"scenarios": 40, "storage": False}
SCORE = sabotage()
DEFECTS = {
    "defects": 60, "noticed": 58, "survived": ["dump-without-fsync"], "not_tried": ["copy-never-verified"],
    "false_alarms": 0, "unnoticed": ["clock-not-read"], "seconds": 900.0,
}  # fmt: skip
TIERS = [
    {
        "tier": tier, "limit": limit, "verdict": verdict, "projected": projected,
        "way": ["system", "configuration"], "unknown": [] if projected else ["logs"], "projection": "as it is told",
    }
    for tier, limit, verdict, projected in (
        ("critical", 14_400.0, "proven", 9_000.0), ("important", 28_800.0, "unproven", None),
        ("non-critical", 86_400.0, "disproven", 90_000.0),
    )
]  # fmt: skip
NIGHTS = Nights(
    scenarios=75,
    missing={6, 7, 15},
    failing={3: ["RTO-DB", "INT-CACHE"]},
    broken={10: ["WAL-DB"]},
    unprojected={"redis": 10_500_000},
    further={"sabotage": SCORE, "defects": DEFECTS, "tiers": TIERS},
)


@dataclass(frozen=True)
class Month:
    """A directory of reports, and the files that were made of it."""

    reports: Path
    names: list[str]

    @property
    def output(self):
        return self.reports / "monthly"

    def file(self, ending):
        return self.output / f"dr-drill-2026-11.{ending}"


def needed(name, remedy):
    """Skip where what a test reads with is not installed; where it has to be, in CI, that is a failure."""
    if find_spec(name) is None:
        said = f"{name} is not installed; {remedy}"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)


def report_of(reports, *, policy=POLICY, period=NOVEMBER, public=()):
    return assembled(policy, verify(reports, keys=public), reports=reports, period=period)


def standing(summary, criterion):
    """What a report says of a criterion."""
    return next(each for each in summary.criteria if each.id == criterion)


def kinds(summary):
    """What a report says to be known first, and of how many things."""
    return {each.kind: each.number for each in summary.caveats}


def write(reports, *languages, policy=POLICY, public=()):
    summary = report_of(reports, policy=policy, public=public)
    for language in languages:
        published(summary, NOVEMBER, language=language, directory=reports / "monthly", reports=reports)


@pytest.fixture(scope="session")
def month(tmp_path_factory, signer, public):
    """A signed November, published in both languages."""
    reports = tmp_path_factory.mktemp("month") / "reports"
    found = Month(reports, history(reports, POLICY, NIGHTS, signer=signer))
    write(reports, "en", "vi", public=public)
    return found
