"""What the manual says: standard, emergency, testing and communication procedures, and who is to be called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from drill.manual import variables
from drill.manual.last_drill import LastDrill
from drill.policy import Policy
from drill.policy.quantity import duration_text
from drill.reporting.page import Bullets, Cell, Column, Paragraph, Row, Section, Table, Text, cell


def title(policy: Policy) -> str:
    """Return the manual's title."""
    return f"{policy.document.title}: procedures"


def basis(drill: LastDrill | None, *, sha256: str) -> tuple[Paragraph, ...]:
    """Return on what the expected durations rest, and what has to be known before anybody relies on them.

    Args:
        drill: the last one that was proven.
        sha256: of the policy as it is now.
    """
    if drill is None:
        none = (
            "No drill of the plan has been proven, or none whose evidence holds (",
            _code("dr-drill evidence verify"),
            "): how long anything takes is not known.",
        )
        return (Paragraph(cell(*none), warning=True),)
    rests = (
        f"Times are the longest of the drill {drill.run} of {drill.finished:%Y-%m-%d}, on {drill.runtime}, with the "
        "drill's own data; ",
        _code("dr-drill project"),
        " says what they mean for production's size.",
    )
    warnings = {
        "The policy has changed since that drill.": drill.policy != sha256,
        "No key that is known here vouches for the record of that drill: whoever could write to it could have changed "
        "these times.": not drill.vouched,
    }
    told = (Paragraph(cell(text), warning=True) for text, is_true in warnings.items() if is_true)
    return (Paragraph(cell(*rests)), *told)


def sections(policy: Policy, drill: LastDrill | None) -> tuple[Section, ...]:
    """Return the document's four kinds of procedure, and what their commands need.

    Args:
        policy: what is written down.
        drill: the last one that was proven, which says how long things take.
    """
    return (
        _standard(policy),
        _emergency(policy, drill),
        _variables(policy),
        _testing(policy),
        _communication(policy),
    )


def _standard(policy: Policy) -> Section:
    rows = [
        (
            cell(entry.procedure),
            cell(entry.action),
            cell(_code(entry.cron), f" {entry.time_zone}"),
            cell(_code(str(policy.command(entry.procedure, entry.action)))),
        )
        for entry in policy.schedule
    ]
    rows += [
        (
            cell(routine.name),
            cell(""),
            cell(_code(routine.cron), f" {routine.time_zone}"),
            cell(_code(str(routine.command))),
        )
        for routine in policy.routines
    ]
    table = _table(
        "schedule", "The schedule", [("procedure", 1.4), ("action", 0.9), ("when", 1.3), ("command", 3)], rows
    )
    told = "What runs by itself. Each command finds its repository, set and secrets in its environment: see there."
    return Section("standard", "Standard procedures", (Paragraph(cell(told)), table))


def _emergency(policy: Policy, drill: LastDrill | None) -> Section:
    steps = Bullets(
        (
            cell(
                "Incident assessment. Ask every system its first question. Read every backup against its manifest (",
                _code("dr-drill catalogue REPOSITORY --hash"),
                "), and trust none that is later than the last moment known to be clean.",
            ),
            cell("Team notification. See the communication procedures; wait for nobody."),
            cell("Recovery execution. The steps below; those that wait for nothing of each other at once."),
            cell("System verification. The service's own question has to be answered correctly before users return."),
            cell("User communication. Tell them that it is over, or what is not back."),
        ),
        numbered=True,
    )
    rows = [
        (
            cell(str(number)),
            cell(step.procedure),
            cell(", ".join(step.after) or "–"),
            cell(_code(str(policy.command(step.procedure, "restore")))),
            cell(_took(drill.restores.get(step.procedure) if drill else None)),
            cell(_took(drill.recoveries.get(step.procedure) if drill else None)),
            cell(f"{duration_text(policy.tiers[step.tier].rto)} ({step.tier})"),
        )
        for number, step in enumerate(policy.recovery, 1)
    ]
    columns = [("step", 0.5), ("system", 1.4), ("after", 1.4), ("command", 3)]
    columns += [("command took", 1), ("answered after", 1), ("has to be back in", 1.2)]
    table = _table("order", "The order of recovery", columns, rows)
    away: tuple[Paragraph, ...] = ()
    if policy.offsite:
        away = (
            Paragraph(
                cell(
                    "Where nothing is left here, or nothing that can be trusted, first move what is here out of the "
                    "way and fetch each backup from the other site: ",
                    _code(str(policy.offsite.fetch)),
                    ". After an attack, as it was a second before the last moment known to be clean: ",
                    _code("OFFSITE_AS_OF"),
                    ".",
                )
            ),
        )
    return Section("emergency", "Emergency procedures", (steps, table, *away))


def _variables(policy: Policy) -> Section:
    told = cell(
        "Each command finds its repository, the server, passwords and keys in variables, which are never on this page. "
        "Commands of the schedule have them from ",
        _code(variables.FILES),
        "; by hand, set them before. What each holds is told under "
        '"Point it at your own commands" of README.md, and by each of our own commands with ',
        _code("--help"),
        ".",
    )
    named = {entry.procedure for entry in policy.schedule} | {step.procedure for step in policy.recovery}
    rows = [
        (
            cell(name),
            _names(variables.needed(policy, procedure, "backup")),
            _names(variables.needed(policy, procedure, "restore")),
        )
        for name, procedure in policy.procedures.items()
        if name in named
    ]
    columns = [("procedure", 1), ("for a backup", 2.4), ("for a restore", 2.4)]
    table = _table("variables", "The variables of each procedure", columns, rows)
    away = variables.fetching(policy)
    fetching = (Paragraph((*cell("To fetch from the other site: "), *_names(away))),) if away else ()
    return Section("needs", "What the commands find in their environment", (Paragraph(told), table, *fetching))


def _names(names: Iterable[str]) -> Cell:
    """Return names to be copied, one beside the other."""
    parts: list[Text] = []
    for name in dict.fromkeys(names):
        for place, either in enumerate(name.split(" or ")):
            parts += cell(" or " if place else ", ", _code(either))
    return tuple(parts[1:])


def _testing(policy: Policy) -> Section:
    before_release = cell(
        f"At least every {duration_text(policy.gate.max_age)}, and before every release: ",
        _code("pytest features/disaster_recovery -m drill"),
        ", then ",
        _code("dr-drill gate"),
        ". All that is promised is tried by ",
        _code("pytest features/"),
        ", and ",
        _code("dr-drill gate --everything"),
        " demands it.",
    )
    told = "The gate's exit status decides: 0 open, 1 something is disproven, 3 something is unproven."
    return Section("testing", "Testing procedures", (Paragraph(before_release), Paragraph(cell(told))))


def _communication(policy: Policy) -> Section:
    contacts = {f"{team}.{role}": who for team, roles in policy.contacts.items() for role, who in roles.items()}
    messages = [
        (
            cell(each.audience),
            cell(each.when),
            cell(", ".join(contacts[name] for name in each.to)),
            cell(_code(f"${each.channel}")),
            cell(f"{each.subject}. {each.message}"),
        )
        for each in policy.notifications
    ]
    columns = [("who", 0.7), ("when", 0.8), ("contacts", 1.8), ("channel", 1.8), ("message", 3)]
    left = policy.placeholders()
    warning = f"{len(left)} of {len(contacts)} contacts are still placeholders: nobody can be reached by them."
    people = Section(
        "contacts",
        "Contacts",
        (
            *((Paragraph(cell(warning), warning=True),) if left else ()),
            _table(
                "people",
                "Who is to be called",
                [("role", 1), ("who", 2)],
                [tuple(map(cell, each)) for each in sorted(contacts.items())],
            ),
        ),
    )
    table = _table("messages", "Who is told what", columns, messages)
    return Section("communication", "Communication procedures", (table,), (people,))


def _took(took: timedelta | None) -> str:
    return duration_text(took) if took else "not drilled"


def _code(text: str) -> Text:
    return Text(text, code=True)


def _table(
    identifier: str, caption: str, columns: Sequence[tuple[str, float]], rows: Iterable[tuple[Cell, ...]]
) -> Table:
    return Table(
        identifier,
        caption,
        tuple(Column(name, share=share) for name, share in columns),
        tuple(Row(cells) for cells in rows),
    )
