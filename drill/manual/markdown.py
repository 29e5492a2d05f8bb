"""The manual as Markdown: standard, emergency, testing and communication procedures, and who is to be called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from drill.manual.last_drill import LastDrill
from drill.policy import Policy
from drill.policy.quantity import duration_text

NONE = "none"
_STAMP = re.compile(r"<!-- policy (?P<policy>[0-9a-f]{64}), drill (?P<drill>\S+) -->")


def manual(policy: Policy, drill: LastDrill | None, *, sha256: str, now: datetime) -> str:
    """Return the manual.

    Args:
        policy: what is written down.
        drill: the last one that was proven, which says how long things take.
        sha256: of the policy, by which a manual is known to be out of date.
        now: the day that is on the page.
    """
    parts = [
        f"<!-- policy {sha256}, drill {drill.run if drill else NONE} -->",
        f"# {policy.document.title}: procedures",
        f"Written on {now:%Y-%m-%d} from `{policy.file.name}`. {_basis(drill, sha256)}",
        *_standard(policy),
        *_emergency(policy, drill),
        *_testing(policy),
        *_communication(policy),
    ]
    return "\n\n".join(parts) + "\n"


def findings(text: str, *, sha256: str, drill: LastDrill | None) -> Iterator[str]:
    """Yield why a manual that was written earlier is not to be followed any more.

    Args:
        text: the manual.
        sha256: of the policy as it is now.
        drill: the last one that was proven.
    """
    stamp = _STAMP.search(text)
    if stamp is None:
        yield "it does not say from which policy and drill it was written"
        return
    if stamp["policy"] != sha256:
        yield "the policy has changed since it was written"
    last = drill.run if drill else NONE
    if stamp["drill"] != last:
        yield f"it rests on the drill {stamp['drill']}, and the last one that was proven is {last}"


def _basis(drill: LastDrill | None, sha256: str) -> str:
    if drill is None:
        return "**No drill of the plan has been proven: how long anything takes is not known.**"
    changed = "" if drill.policy == sha256 else " **The policy has changed since that drill.**"
    return (
        f"Times are the longest of the drill {drill.run} of {drill.finished:%Y-%m-%d}, on {drill.runtime}, with the "
        f"drill's own data; `dr-drill project` says what they mean for production's size.{changed}"
    )


def _standard(policy: Policy) -> Iterator[str]:
    yield "## Standard procedures"
    yield "What runs by itself. Each command finds its repository, set and secrets in its environment."
    rows = []
    for entry in policy.schedule:
        command = policy.command(entry.procedure, entry.action)
        rows.append((entry.procedure, entry.action, f"`{entry.cron}` {entry.time_zone}", f"`{command}`"))
    yield _table(("procedure", "action", "when", "command"), rows)


def _emergency(policy: Policy, drill: LastDrill | None) -> Iterator[str]:
    yield "## Emergency procedures"
    yield (
        "1. **Incident assessment.** Ask every system its first question. Read every backup against its manifest "
        "(`dr-drill catalogue REPOSITORY --hash`), and trust none that is later than the last moment known to be "
        "clean.\n"
        "2. **Team notification.** See the communication procedures; wait for nobody.\n"
        "3. **Recovery execution.** The steps below; those that wait for nothing of each other at once.\n"
        "4. **System verification.** The service's own question has to be answered correctly before users return.\n"
        "5. **User communication.** Tell them that it is over, or what is not back."
    )
    rows = []
    for number, step in enumerate(policy.recovery, 1):
        rows.append(
            (
                str(number),
                step.procedure,
                ", ".join(step.after) or "–",
                f"`{policy.command(step.procedure, 'restore')}`",
                _took(drill.restores.get(step.procedure) if drill else None),
                _took(drill.recoveries.get(step.procedure) if drill else None),
                f"{duration_text(policy.tiers[step.tier].rto)} ({step.tier})",
            )
        )
    yield _table(("", "system", "after", "command", "command took", "answered after", "has to be back in"), rows)
    if policy.offsite:
        yield f"Where nothing is left here, first fetch each backup from the other site: `{policy.offsite.fetch}`."


def _testing(policy: Policy) -> Iterator[str]:
    yield "## Testing procedures"
    yield (
        f"At least every {duration_text(policy.gate.max_age)}, and before every release:\n\n"
        "```sh\npytest features/disaster_recovery -m drill\npytest features/\ndr-drill gate\n```\n\n"
        "The gate's exit status decides: 0 open, 1 something is disproven, 3 something is unproven."
    )


def _communication(policy: Policy) -> Iterator[str]:
    yield "## Communication procedures"
    contacts = {f"{team}.{role}": who for team, roles in policy.contacts.items() for role, who in roles.items()}
    yield _table(
        ("who", "when", "contacts", "channel", "message"),
        [
            (
                each.audience,
                each.when,
                ", ".join(contacts[name] for name in each.to),
                f"`${each.channel}`",
                f"**{each.subject}** {each.message}",
            )
            for each in policy.notifications
        ],
    )
    yield "### Contacts"
    if left := policy.placeholders():
        yield f"**{len(left)} of {len(contacts)} contacts are still placeholders: nobody can be reached by them.**"
    yield _table(("role", "who"), sorted(contacts.items()))


def _took(took: timedelta | None) -> str:
    return duration_text(took) if took else "not drilled"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
