"""``reports/index.html``: everything that lies there, for whoever opens the directory in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError
from drill.evidence.audits import FOLDER as MONTHLY
from drill.evidence.belief import FOREIGN, UNSEALED, doubt
from drill.evidence.envelope import Signature
from drill.evidence.keys import public_key
from drill.evidence.verification import Verification, verify
from drill.policy import Policy
from drill.reporting import reading
from drill.reporting.composition.drills import timeline
from drill.reporting.html import environment
from drill.reporting.runs import is_full
from drill.reporting.style import DARK, LIGHT
from drill.reporting.words import Words

PAGE = "index.html"
ALLURE = "allure.html"
MOST_RUNS = 400
FILES = ("run.json", "events.jsonl", "statement.dsse.json")
LANGUAGES = {".en.html": "HTML", ".vi.html": "HTML, tiếng Việt", ".en.pdf": "PDF", ".vi.pdf": "PDF, tiếng Việt"}
_DOUBTS = {UNSEALED: "never sealed", FOREIGN: "sealed with a key that is not known"}
ENDINGS = {**LANGUAGES, ".oscal.json": "OSCAL", ".json": "JSON"}


@dataclass(frozen=True, slots=True)
class Line:
    """One run as it is listed.

    Attributes:
        name: of the run.
        when: it started.
        verdict: that its record holds; None where that cannot be read, or never was written.
        runtime: of its servers.
        scenarios: how many were proven, of how many.
        files: of its evidence.
        doubt: why its record is not believed; None where it is.
        note: what is not known of its evidence, where nothing contradicts it.
        full: whether it is what the gate calls a full drill.
        timelines: the reports that tell how its disasters went: where, and of which span.
    """

    name: str
    when: str
    verdict: str | None
    runtime: str
    scenarios: str
    files: tuple[str, ...]
    doubt: str | None
    note: str | None
    full: bool
    timelines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known beside the runs themselves."""

    policy: Policy | None
    verification: Verification
    timelines: dict[str, tuple[tuple[str, str], ...]]


def write(reports: Path, *, policy: Policy | None = None, verification: Verification | None = None) -> Path:
    """Write the page and return where it is; it says what is there, and what of it is not to be believed.

    Args:
        reports: what it is about.
        policy: says which run is a full drill, and which keys are known; without one, none is.
        verification: what was found of the evidence, where somebody has looked already.

    Raises:
        DrillError: it cannot be written, or a key of the policy is none.
    """
    if verification is None:
        keys = [public_key(policy.directory / each) for each in policy.gate.public_keys] if policy else []
        verification = verify(reports, keys=keys)
    known = _Known(policy, verification, _timelines(reports))
    runs = sorted((path for path in (reports / "runs").glob("*") if path.is_dir()), reverse=True)
    lines = [_line(reports, run, known) for run in runs[:MOST_RUNS]]
    text = (
        environment()
        .get_template("contents.html.j2")
        .render(
            lines=lines,
            drills=[line for line in lines if line.full or line.timelines],
            told=policy is not None,
            number=len(runs),
            months=_months(reports),
            allure=_allure(reports),
            light=LIGHT,
            dark=DARK,
        )
    )
    path = reports / PAGE
    try:
        partial = path.with_name(f".{PAGE}.partial")
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        raise DrillError(f"{path} cannot be written: {error.strerror}", remedy="make it writable") from error
    return path


def _line(reports: Path, run: Path, known: _Known) -> Line:
    words, began = Words("en"), reading.started(run.name)
    told = reading.gist(reports, run.name)
    because = doubt(run.name, known.verification)
    return Line(
        name=run.name,
        when=words.moment(began) if began else "",
        verdict=told.verdict if told else None,
        runtime=told.runtime if told else "",
        scenarios=f"{words.number(told.proven)} of {words.number(told.scenarios)}" if told else "",
        files=tuple(name for name in FILES if (run / name).is_file()),
        doubt=_DOUBTS.get(because, f"not as it was sealed: {because}") if because else None,
        note=_note(run.name, known.verification),
        full=bool(told and known.policy and is_full(known.policy, runtime=told.runtime, whole=told.whole)),
        timelines=known.timelines.get(run.name, ()),
    )


def _note(run: str, verification: Verification) -> str | None:
    sealed = verification.sealed.get(run)
    unchecked = sealed is not None and sealed.signature is Signature.UNCHECKED
    return "its signature is not checked: no key is known" if unchecked else None


def _timelines(reports: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the reports that hold a timeline of each run."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for span, file, run in _anchors(reports):
        found[run] = (*found.get(run, ()), (f"{file}#{timeline(run)}", span))
    return found


def _anchors(reports: Path) -> Iterator[tuple[str, str, str]]:
    for span, files in _months(reports).items():
        pages = [file for file, kind in files if kind.startswith("HTML")]
        for file in pages[:1]:  # the English one, where there is one
            text = (reports / file).read_text("utf-8", "replace")
            yield from ((span, file, run) for run in re.findall(rf'id="{timeline("")}([0-9A-Za-z-]+)"', text))


def _months(reports: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the reports by the span that they are about: the file and what it is."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((reports / MONTHLY).glob("dr-drill-*")):
        ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), None)
        if ending is not None:
            span = path.name.removeprefix("dr-drill-").removesuffix(ending)
            found.setdefault(span, []).append((f"{MONTHLY}/{path.name}", ENDINGS[ending]))
    return dict(sorted(found.items(), reverse=True))


def _allure(reports: Path) -> str | None:
    return ALLURE if (reports / ALLURE).is_file() else None
