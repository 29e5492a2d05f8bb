"""Verification: every backup of a repository restored into disposable servers, and judged by what they hold and do.

Nothing here knows in which way a backup may have been broken: it looks at manifests, files, chains, clocks and
permissions, at what the restore command says, and at what the restored system holds beside what its source held.
"""

from drill.verification.finding import Finding, Severity
from drill.verification.report import Report
from drill.verification.targets import Targets
from drill.verification.verification import verify

__all__ = ["Finding", "Report", "Severity", "Targets", "verify"]
