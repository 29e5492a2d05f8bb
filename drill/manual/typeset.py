"""The manual as PDF: archivable and accessible as the report is, and stamped so that an old one is found."""

from __future__ import annotations

from datetime import datetime

from drill.errors import DrillError
from drill.manual.last_drill import LastDrill
from drill.manual.procedures import basis, sections, title
from drill.manual.stamp import stamp
from drill.policy import Policy


def pdf(policy: Policy, drill: LastDrill | None, *, sha256: str, now: datetime) -> bytes:
    """Return the manual as PDF.

    Args:
        policy: what is written down.
        drill: the last one that was proven, which says how long things take.
        sha256: of the policy, by which a manual is known to be out of date.
        now: the day that is on the page.

    Raises:
        DrillError: the packages that typeset are not installed, or it cannot be typeset.
    """
    try:
        from drill.reporting.pdf import plain, typeset
    except ImportError as error:
        raise DrillError(
            f"{error.name} is not installed", remedy="run: pip install 'dr-drill[report]', or write Markdown"
        ) from error
    page = {
        "language": "en",
        "title": title(policy),
        "subtitle": f"Written on {now:%Y-%m-%d} from {policy.file.name}",
        "stamp": stamp(drill, sha256=sha256),
        "basis": plain(basis(drill, sha256=sha256)),
        "sections": plain(sections(policy, drill)),
        "labels": {"page": "Page"},
    }
    return typeset("manual.typ", page, day=now.date())
