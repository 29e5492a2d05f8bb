"""The verdict table that ends a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.evidence.record import CriterionRecord, RunRecord
from drill.evidence.verdict import Verdict
from drill.policy.quantity import bytes_text

MEMORY = "tmpfs"

COLOURS: Mapping[Verdict, str] = {
    Verdict.PROVEN: "bold green",
    Verdict.UNPROVEN: "bold yellow",
    Verdict.DISPROVEN: "bold red",
}


def summary(record: RunRecord) -> Group:
    """Return what a person should read first: every criterion, what was left open, and on what it all rests."""
    table = Table(box=box.SIMPLE_HEAD, title="DR Drill", title_justify="left", title_style="bold")
    for name, justify in [
        ("criterion", "left"),
        ("objective", "right"),
        ("measured", "right"),
        ("worst case", "right"),
        ("on", "right"),
    ]:
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    # What limits a verdict is never cut off: it goes on in the next line.
    table.add_column("verdict", min_width=len("(partly at"))
    for criterion in (*record.criteria, *record.decided):
        table.add_row(*_row(criterion))
    return Group(table, *map(Text, _notes(record)))


def limited(criteria: Iterable[CriterionRecord]) -> list[str]:
    """Return a line that names the criteria that are proven, and not at production's size; [] where there is none."""
    found = [f"{each.id} ({measured_sizes(each)})" for each in criteria if each.reach is not None]
    return [f"proven at the measured size only, and not at production's: {', '.join(found)}"] if found else []


def told_of_tiers(record: RunRecord) -> list[str]:
    """Return a line for each tier of which the run's times say when all of it would be back in production."""
    return [f"all that is {each.tier}, in production: {each.verdict}, {each.projection}" for each in record.tiers]


def measured_sizes(criterion: CriterionRecord) -> str:
    """Return up to which size the times of each procedure were measured that are not known at production's."""
    return ", ".join(f"{name} at {bytes_text(size)}" for name, size in sorted(criterion.unprojected.items()))


def environment(record: RunRecord) -> dict[str, str]:
    """Return what a run rested on, as it shall be read beside its Allure results."""
    facts = {"Run": record.id, "Seed": str(record.seed), "Scale": str(record.scale)}
    if record.chance is not None:
        facts["Chance"] = str(record.chance)
    if record.runtime is not None:
        facts["Runtime"] = f"{record.runtime.name} ({record.runtime.reason})"
        facts["Disk"] = record.runtime.disk or "unknown"
        facts |= {engine.engine: f"{engine.product}, {engine.origin}" for engine in record.runtime.engines}
    if "commit" in record.revision:
        facts["Revision"] = f"{record.revision['commit']}{' and changes' if record.revision['changed'] else ''}"
    return facts


def _row(criterion: CriterionRecord) -> list[Text | str]:
    verdict = Text(criterion.verdict, style=COLOURS[criterion.verdict])
    limits = []
    if criterion.reach is not None:
        limits.append(f"{'partly ' if criterion.projected else ''}at {bytes_text(criterion.reach)}")
    if criterion.selected < criterion.scenarios:
        limits.append(f"{criterion.selected} of {criterion.scenarios} scenarios")
    if limits:
        verdict.append(f" ({', '.join(limits)})", style="not bold")
    size = "" if criterion.source_bytes is None else f"{criterion.source_bytes / 1e6:.1f} MB"
    return [
        criterion.id,
        criterion.objective,
        criterion.measured_text or "–",
        criterion.projected_text or "–",
        size,
        verdict,
    ]


def _notes(record: RunRecord) -> list[str]:
    notes = []
    if record.runtime is not None:
        notes.append(f"runtime: {record.runtime.name} ({record.runtime.reason})")
        notes += [f"  {engine.product}, {engine.origin}" for engine in record.runtime.engines]
        if record.runtime.disk == MEMORY:
            notes.append("  their data lay in memory (tmpfs): no time here is that of a disk")
    if record.sabotage is not None:
        score = record.sabotage
        known = f" ({score.known} are known)" if score.known is not None else ""
        notes.append(
            f"sabotage: {score.caught + score.refused} of {score.faults} faults noticed{known}, "
            f"{len(score.not_tried)} not tried, {len(score.false_alarms)} false alarms on {score.healthy} healthy sets"
        )
    if record.defects is not None:
        tried = record.defects
        notes.append(
            f"defects of the scripts: {tried.noticed} of {tried.defects} turned a scenario red, "
            f"{tried.false_alarms} false alarms; {len(tried.unnoticed)} known that no scenario can notice"
        )
    if record.unreported:
        notes.append(f"unproven: {len(record.unreported)} selected scenarios never came to an end")
    unproven = [each for each in record.criteria if each.verdict is Verdict.UNPROVEN]
    if unmeasured := [each.id for each in unproven if each.measured is None and each.projected is None]:
        notes.append(f"unproven: nothing was measured for {', '.join(unmeasured)}")
    if record.open_criteria:
        notes.append(
            f"unproven: {len(record.open_criteria)} further criteria have no scenario yet (dr-drill policy lists them)"
        )
    notes += [f"{each.id}, by what is on record: {each.because}" for each in record.decided]
    notes += [f"{criterion.id}: {criterion.projection}" for criterion in record.criteria if criterion.projection]
    notes += limited(record.criteria)
    notes += told_of_tiers(record)
    notes.append("times are measured on the drill's own machine; dr-drill project holds them against production's size")
    return notes
