"""Copies at another site: made, broken off half way, and told apart from what only looks like one."""

from __future__ import annotations

import signal
import subprocess

from drill.backups.backup import Backup
from drill.backups.catalogue import MANIFEST
from drill.commands.execution import end
from drill.commands.runbook import DONE, Outcome, Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.evidence.verdict import Disproof
from drill.sites import Site
from drill.sites.line import Line
from drill.stores import Store
from drill.waiting import Patience, eventually


def copied(store: Store, *, site: Site, runbook: Runbook) -> Outcome:
    """Copy a store's backups to a site.

    Raises:
        Disproof: the command failed.
    """
    outcome = runbook.copy_offsite(store, site)
    attach_text("copy command", str(outcome))
    if outcome.status != DONE:
        raise Disproof(f"nothing was copied: {outcome}", remedy="correct [offsite] in policy.toml")
    return outcome


def killed_half_way(store: Store, backup: Backup, *, site: Site, runbook: Runbook) -> Outcome:
    """Begin to copy a backup and end the command with SIGKILL when half of its bytes have gone up.

    Raises:
        StillWaiting: so much never went up.
        DrillError: it ended by itself before that.
    """
    with Line(site, up=backup.stored.manifest.stored_bytes // 2) as line:

        def kill(process: subprocess.Popen[bytes]) -> None:
            eventually("half of the copy", lambda: process.poll() is not None or line.is_dead, Patience.BACKUP_BEGUN)
            end(process)

        outcome = runbook.copy_offsite(store, line.site, meanwhile=kill)
    if outcome.status != -signal.SIGKILL:
        raise DrillError(f"not killed half way: {outcome}", remedy="where it was too fast, raise --scale")
    return outcome


def restore_points(site: Site, name: str | None = None) -> list[str]:
    """Return the ids of the copies that a site has whole, those with a manifest: of one set, or of all."""
    keys = (key.rsplit("/", 2) for key in site.objects())
    whole = (parts for parts in keys if len(parts) == 3 and parts[-1] == MANIFEST)
    return sorted(parts[1] for parts in whole if name is None or parts[0].rpartition("/")[2] == name)


def alter(site: Site) -> None:
    """Change one bit in the largest file of the copies that a site has."""
    objects = site.objects()
    key = max(objects, key=lambda each: objects[each])
    content = bytearray(site.content(key))
    content[len(content) // 2] ^= 1
    site.replace(key, bytes(content))
