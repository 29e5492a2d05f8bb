"""Sends backups to another site, has something done to them there, and fetches what is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from drill.backups import offsite
from drill.commands.runbook import DONE, REFUSED, Outcome, Runbook
from drill.damage.faults import Scene
from drill.evidence.journal import Journal
from drill.runtimes.workspace import Workspace
from drill.sites import Site
from drill.sites.server import SiteServer

LAST_WORDS = 400
COPY_REFUSED, COPY_UNREAD = "COPY-REFUSED", "COPY-UNREAD"
"""What the policy's own command came to that verifies copies where they are: it has refused one, or failed."""
FETCH_REFUSED, FETCH_FAILED = "FETCH-REFUSED", "FETCH-FAILED"
"""What the one came to that fetches them."""
FOUND_AWAY = frozenset({COPY_REFUSED, COPY_UNREAD, FETCH_REFUSED, FETCH_FAILED})


class FarSites:
    """Gives empty buckets; the server is started when the first is wanted."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._server: SiteServer | None = None
        self._lock = Lock()

    def new(self) -> Site:
        """Return an empty one.

        Raises:
            DrillError: the server is not installed, or did not start.
        """
        with self._lock:
            if self._server is None:
                server = SiteServer(self._workspace)
                server.start()
                self._server = server
            return self._server.new_site()

    def discard(self) -> None:
        """End the server, where it was started."""
        if self._server:
            self._server.discard()


@contextmanager
def far_sites(workspace: Workspace) -> Iterator[FarSites]:
    """Give a place for copies; it goes with the block."""
    sites = FarSites(workspace)
    try:
        yield sites
    finally:
        sites.discard()


def sent_and_fetched(scene: Scene, site: Site, *, inject: Callable[[Scene], object]) -> dict[str, str]:
    """Copy the backups of a scene to a site, inject a fault there, lose them here, and fetch each one again.

    Args:
        scene: its own backups are gone afterwards; what could be fetched is in their place.
        site: an empty one.
        inject: does something to the scene's site.

    Returns:
        What the commands found that verify copies and fetch them, and what they said.

    Raises:
        Disproof: nothing was copied.
        DrillError: the policy has no other site.
    """
    offsite.copied(scene.source, site=site, runbook=_runbook(scene))
    wanted, scene.site = [backup.id for backup in scene.backups], site
    inject(scene)
    shutil.rmtree(scene.home)
    runbook = _runbook(scene)
    found = _told(runbook.verify_at_site(scene.source, site), refused=COPY_REFUSED, failed=COPY_UNREAD)
    for backup_id in wanted:
        fetched = runbook.fetch_from_site(scene.source, site, backup_id)
        found |= _told(fetched, refused=FETCH_REFUSED, failed=FETCH_FAILED)
    return found


def _runbook(scene: Scene) -> Runbook:
    directory = scene.policy.directory.absolute()
    return Runbook(scene.policy, repository=scene.repository, directory=directory, journal=Journal())


def _told(outcome: Outcome, *, refused: str, failed: str) -> dict[str, str]:
    if outcome.status == DONE:
        return {}
    return {refused if outcome.status == REFUSED else failed: outcome.diagnostics.strip()[-LAST_WORDS:]}
