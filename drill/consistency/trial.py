"""A check of the schedule as a scenario makes it: with durations that are allowed, and shown in the evidence."""

from __future__ import annotations

from drill.consistency.judgement import Consistency, checked
from drill.evidence.attachments import attach_csv
from drill.policy import Policy
from drill.policy.quantity import duration_text


def tried(policy: Policy) -> Consistency:
    """Hold the schedule against the promises and show what came of it.

    Backups are taken to last for as long as they may, so that a run does not depend on the runs before it.
    """
    found = checked(policy)
    attach_csv(
        "what can be lost at worst",
        [
            ("data", "procedure", "a backup takes", "by", "lost at worst", "because", "promised", "kept"),
            *(
                (
                    each.store,
                    each.procedure,
                    duration_text(each.taking.time),
                    each.taking.source,
                    each.loss_text,
                    each.loss.because if each.loss else "",
                    f"< {duration_text(each.promised)}",
                    "yes" if each.keeps else "no",
                )
                for each in found.standings
            ),
        ],
    )
    attach_csv(
        "contradictions",
        [
            ("id", "what", "where", "remedy", "on record"),
            *(
                (each.id, each.what, ", ".join(each.where), each.remedy, record.reason if record else "no")
                for each in found.contradictions
                for record in (found.known(each),)
            ),
        ],
    )
    return found
