"""What people answer for, and what the numbers stand on: sabotage, environment, signatures, and days without a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drill.evidence.verdict import Verdict
from drill.reporting.composition.parts import Desk, anchor, table
from drill.reporting.composition.usual_checks import usual_checks
from drill.reporting.metrics import longest_gap
from drill.reporting.page import Block, Bullets, Cell, Column, Paragraph, Row, Section, Text, cell
from drill.reporting.summary import Attested, Environment, Suppressed
from drill.reporting.words import NOTHING

MOST_DAYS = 62


def promises(desk: Desk) -> Section:
    """Return the part about suppressions and attestations."""
    say, summary = desk.words.say, desk.summary
    suppressed = table(
        "suppressions",
        say("Criteria that do not hold the gate shut"),
        (Column(say("Criterion")), Column(say("Reason"), share=3), Column(say("Owner")), Column(say("Expires"))),
        [_suppression(desk, each) for each in summary.suppressions],
        otherwise=say("Nothing is suppressed."),
    )
    attested = table(
        "attestations",
        say("Promises about people, which somebody answers for"),
        (
            Column(say("Attestation"), share=3),
            Column(say("Owner"), share=1.9),
            Column(say("Attested on")),
            Column(say("Expires")),
            Column(say("Evidence"), share=1.5),
            Column(say("Verdict"), share=1.7),
        ),
        [_attestation(desk, each) for each in summary.attestations],
        otherwise=say("The policy has no attestations."),
    )
    return Section("promises", say("Suppressions and attestations"), (suppressed, attested))


def _suppression(desk: Desk, each: Suppressed) -> Row:
    expired = "" if each.stands else desk.words.say(" (expired)")
    return Row(
        (
            cell(Text(each.id, href=f"#{anchor(each.id)}", code=True)),
            cell(Text(each.reason, own=True)),
            cell(Text(each.owner, code=True)),
            cell(f"{desk.words.day(each.expires)}{expired}"),
        )
    )


def _attestation(desk: Desk, each: Attested) -> Row:
    words = desk.words
    return Row(
        id=anchor(each.id),
        cells=(
            cell(Text(each.id, code=True), *desk.policy(each.statement, quiet=True, breaks=True)),
            cell(Text(each.owner, code=True)),
            cell(words.day(each.attested_on) if each.attested_on else words.say("never")),
            cell(words.day(each.expires_on) if each.expires_on else NOTHING),
            cell(Text(each.evidence, own=True) if each.evidence else NOTHING),
            desk.attested(each),
        ),
    )


def gaps(desk: Desk) -> Section:
    """Return the part about days without a run."""
    say, words, days = desk.words.say, desk.words, desk.summary.days_without_run
    if not days:
        return Section("gaps", say("Days without a run"), (Paragraph(cell(say("There was a run on every day."))),))
    all_days = len(desk.summary.trends.calendar)
    text = say(
        "Days without a run that counts: {number} of {all}; at most {longest} in a row.",
        number=words.number(len(days)),
        all=words.number(all_days),
        longest=words.number(longest_gap(days)),
    )
    listed = ", ".join(words.short_day(day) for day in days[:MOST_DAYS]) + (" …" if len(days) > MOST_DAYS else "")
    return Section(
        "gaps", say("Days without a run"), (Paragraph(desk.of_all(text)), Paragraph(cell(Text(listed, quiet=True))))
    )


def sabotage(desk: Desk) -> Section:
    """Return the part about deliberate faults."""
    say, score = desk.words.say, desk.summary.sabotage
    title = say("Sabotage")
    why = Paragraph(cell(say("Backups are damaged on purpose: a suite that does not notice proves nothing.")))
    if score is None:
        unmeasured = Paragraph(cell(say("Not measured: no run of the span has a score.")))
        return Section("sabotage", title, (why, unmeasured, *usual_checks(desk), *_defects(desk)))
    number = _of_score(desk, score.run)
    rows = (
        Row((cell(say("Faults")), number(score.faults), cell(desk.run(score.run)))),
        Row((cell(say("Faults that were known then")), number(score.known), cell(NOTHING))),
        Row((cell(say("Caught by a check")), number(score.caught), cell(NOTHING))),
        Row((cell(say("Refused before the restore")), number(score.refused), cell(NOTHING))),
        Row((cell(say("Missed")), number(len(score.missed)), _names(score.missed))),
        Row((cell(say("Could not be tried")), number(len(score.not_tried)), _names(score.not_tried))),
        Row((cell(say("Sound backups that were judged, too")), number(score.healthy), cell(NOTHING))),
        Row((cell(say("False alarms")), number(len(score.false_alarms)), _names(score.false_alarms))),
    )
    columns = (Column(say("What"), share=2), Column(say("Number"), numeric=True), Column(say("Which"), share=3))
    newest = table("score", say("The newest score of the most faults"), columns, rows, otherwise="")
    return Section("sabotage", title, (why, newest, *usual_checks(desk), *_defects(desk)))


def _defects(desk: Desk) -> Iterator[Block]:
    say, score = desk.words.say, desk.summary.defects
    yield Paragraph(
        cell(say("Defects are put into the scripts on purpose: a scenario that stays green proves nothing."))
    )
    if score is None:
        yield Paragraph(cell(say("Not measured: no run of the span has a score of defects.")))
        return
    number = _of_score(desk, score.run)
    rows = (
        Row((cell(say("Defects")), number(score.defects), cell(desk.run(score.run)))),
        Row((cell(say("Turned a scenario red")), number(score.noticed), cell(NOTHING))),
        Row((cell(say("Survived")), number(len(score.survived)), _names(score.survived))),
        Row((cell(say("Could not be tried")), number(len(score.not_tried)), _names(score.not_tried))),
        Row((cell(say("Sound scripts that were accused")), number(score.false_alarms), cell(NOTHING))),
        Row((cell(say("Known that no scenario notices")), number(len(score.unnoticed)), _names(score.unnoticed))),
    )
    columns = (Column(say("What"), share=2), Column(say("Number"), numeric=True), Column(say("Which"), share=3))
    yield table("defects", say("The newest score of defects"), columns, rows, otherwise="")


def _names(names: tuple[str, ...]) -> Cell:
    return cell(Text(", ".join(names), code=True)) if names else cell(NOTHING)


def _of_score(desk: Desk, run: str) -> Callable[[int | None], Cell]:
    """Return what makes a cell of a number of the run's score, which leads to it."""

    def number(value: int | None) -> Cell:
        return cell(desk.words.say("not measured")) if value is None else desk.of_run(desk.words.number(value), run)

    return number


def environment(desk: Desk) -> Section:
    """Return the part about what the runs stood on."""
    say, summary = desk.words.say, desk.summary
    columns = (
        Column(say("Runs"), numeric=True, share=0.7),
        Column(say("Runtime"), share=1.4),
        Column(say("Servers"), share=3),
        Column(say("Machine"), share=2.4),
        Column(say("Data"), share=1.4),
        Column(say("Versions"), share=2.4),
    )
    rows = [_environment(desk, each) for each in summary.environments]
    document = say(
        "Document: {title}, version {version} ({status}), {source}. Policy: {file}, SHA-256 {sha256}.",
        title=summary.document.title,
        version=summary.document.version,
        status=summary.document.status,
        source=summary.document.source,
        file=summary.document.file,
        sha256=summary.document.sha256,
    )
    caption = say("What the runs stood on, the newest first")
    blocks = (
        Paragraph(cell(document)),
        table("environments", caption, columns, rows, otherwise=say("There was no run.")),
    )
    return Section("environment", say("Environment and versions"), blocks)


def _environment(desk: Desk, each: Environment) -> Row:
    say, words = desk.words.say, desk.words
    versions = [f"{name} {version}" for name, version in each.versions.items()]
    engines = tuple(Text(engine, own=True, breaks=place > 0) for place, engine in enumerate(each.engines))
    return Row(
        (
            desk.of_run(words.number(each.runs), each.newest),
            cell(each.runtime or NOTHING, Text(each.reason or "", own=True, quiet=True, breaks=True)),
            engines or cell(NOTHING),
            cell(Text(each.machine, own=True)),
            cell(say("seed {seed}", seed=each.seed), Text(say("scale {scale}", scale=each.scale), breaks=True)),
            cell(Text(", ".join(versions), own=True, quiet=True)),
        )
    )


def signatures(desk: Desk) -> Section:
    """Return the part about what the evidence is worth, and how to check it."""
    say, evidence = desk.words.say, desk.summary.evidence
    meaning = {
        Verdict.PROVEN: say(
            "The evidence holds: every file is as it was stated, and a known key vouches for all of it."
        ),
        Verdict.UNPROVEN: say(
            "It is not known whether the evidence holds: nothing contradicts it, and nobody vouches for all of it."
        ),
        Verdict.DISPROVEN: say("The evidence does not hold."),
    }[evidence.verdict]
    numbers = say(
        "Of {runs} runs of the span {sealed} are stated with their hashes, and a known key vouches for {vouched}.",
        runs=desk.words.number(evidence.runs),
        sealed=desk.words.number(evidence.sealed),
        vouched=desk.words.number(evidence.vouched),
    )
    columns = (
        Column(say("Finding")),
        Column(say("Where"), share=2),
        Column(say("What"), share=3),
        Column(say("What it means"), share=3),
    )
    rows = [
        Row(
            (
                cell(Text(each.rule, code=True)),
                cell(Text(each.where, code=True)),
                cell(Text(each.what, own=True)),
                cell(Text(each.remedy, own=True)),
            )
        )
        for each in evidence.findings
    ]
    findings = table(
        "findings", say("What was found"), columns, rows, otherwise=say("Nothing was found that contradicts it.")
    )
    return Section(
        "evidence",
        say("Signatures, and how to check them"),
        (Paragraph(cell(meaning)), Paragraph(desk.of_all(numbers)), findings, *_uncounted(desk), *_checking(desk)),
    )


def _uncounted(desk: Desk) -> Iterator[Block]:
    say, evidence = desk.words.say, desk.summary.evidence
    rows = [Row((cell(desk.run(each.run)), cell(Text(each.because, own=True)))) for each in evidence.uncounted]
    rows += [
        Row((cell(Text(run, code=True)), cell(say("it never ended, or still goes on")))) for run in evidence.unfinished
    ]
    if rows:
        yield table(
            "uncounted", say("Runs that do not count"), (Column(say("Run")), Column(say("Why"))), rows, otherwise=""
        )


def _checking(desk: Desk) -> Iterator[Block]:
    say, evidence = desk.words.say, desk.summary.evidence
    heads = [
        cell(say("Note this head elsewhere; it tells later whether runs were removed: "), Text(head, code=True))
        for head in evidence.heads
    ]
    key = "--public-key FILE"
    expected = "".join(f" --expect-head {head}" for head in evidence.heads)
    yield Bullets(
        (
            *heads,
            cell(say("Check it with: "), Text(f"dr-drill evidence verify {key}{expected}", code=True)),
            cell(say("Without any of our code: the program in docs/evidence.md, section “Whether it holds”.")),
            cell(
                say("This report is no evidence itself: it is made again from the runs with: "),
                Text(f"dr-drill report --since {desk.summary.span.since} --until {desk.summary.span.until}", code=True),
            ),
        )
    )
