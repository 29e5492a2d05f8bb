"""Copies at another site: made, broken off half way, and told apart from what only looks like one."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from datetime import datetime

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

SEGMENT = re.compile(r"/wal/[0-9A-F]{24}\.gz")


def copied(store: Store, *, site: Site, runbook: Runbook) -> Outcome:
    """Copy a store's backups to a site.

    Raises:
        Disproof: the command failed.
    """
    return _done(runbook.copy_offsite(store, site), name="copy command", otherwise="nothing was copied")


def log_copied(store: Store, *, site: Site, runbook: Runbook) -> Outcome:
    """Copy the archived log of a store's server to a site.

    Raises:
        Disproof: the command failed.
    """
    outcome = runbook.copy_log(store, site)
    return _done(outcome, name="command that copies the log", otherwise="the log was not copied")


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


def restore_points(site: Site, name: str | None = None, *, as_of: datetime | None = None) -> list[str]:
    """Return the ids of the copies that a site has whole, or had then, those with a manifest: of one set, or of all."""
    keys = (key.rsplit("/", 2) for key in (site.objects_at(as_of) if as_of else site.objects()))
    whole = (parts for parts in keys if len(parts) == 3 and parts[-1] == MANIFEST)
    return sorted(parts[1] for parts in whole if name is None or parts[0].rpartition("/")[2] == name)


def segments(site: Site) -> list[str]:
    """Return the keys of the segments of logs that a site has, the oldest first."""
    return sorted(key for key in site.objects() if SEGMENT.search(key))


def damage_log(site: Site, kind: str) -> None:
    """Do something to the last segment but one of the log that a site has, as only an administrator might.

    Raises:
        DrillError: no such damage, or too few segments.
    """
    found = segments(site)
    if kind not in LOG_DAMAGES or len(found) < 3:
        known = ", ".join(LOG_DAMAGES)
        raise DrillError(f"{len(found)} segments cannot be {kind!r}", remedy=f"copy three or more; use one of {known}")
    LOG_DAMAGES[kind](site, found[-2])


def alter(site: Site) -> None:
    """Change one bit in the largest file of the copies that a site has."""
    objects = site.objects()
    _flip(site, max(objects, key=lambda each: objects[each]))


def _flip(site: Site, key: str) -> None:
    content = bytearray(site.content(key))
    content[len(content) // 2] ^= 1
    site.replace(key, bytes(content))


LOG_DAMAGES: Mapping[str, Callable[[Site, str], None]] = {
    "altered by one bit": _flip,
    "hidden": lambda site, key: site.hide(key),
}
"""What may befall a segment of the log at a site."""


def _done(outcome: Outcome, *, name: str, otherwise: str) -> Outcome:
    """Show what a command came to, which has to be that it has done its work."""
    attach_text(name, str(outcome))
    if outcome.status != DONE:
        raise Disproof(f"{otherwise}: {outcome}", remedy="correct [offsite] in policy.toml")
    return outcome
