"""Rehearses everything into a place of its own, for sabotage that needs nobody's repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from drill.commands.runbook import Runbook
from drill.damage import victims
from drill.damage.faults import Fault
from drill.damage.score import Score
from drill.damage.trial import WITH_OWN_VICTIM, Rehearsed, try_all
from drill.evidence.attachments import attach_json
from drill.evidence.journal import Journal
from drill.policy import Policy, Procedure
from drill.progress import working_on
from drill.rehearsal import Sources, rehearse
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters

_numbers = count(1)


@contextmanager
def rehearsed(
    policy: Policy, runtime: Runtime, clusters: PostgresClusters, *, faults: Sequence[Fault], seed: int, scale: int
) -> Iterator[Rehearsed]:
    """Rehearse what the faults can befall; servers and repository go with the block.

    Raises:
        Disproof: a backup command failed.
    """
    repository = runtime.workspace.directory / f"sabotage-{next(_numbers)}"
    repository.mkdir(mode=0o711)
    sources = Sources(policy, runtime, clusters, repository=repository, seed=seed, scale=scale)
    runbook = Runbook(policy, repository=repository, directory=policy.directory.absolute(), journal=Journal())
    with sources.opened(befallen(policy, faults)) as stores:
        record = rehearse(sources, dict(stores), runbook=runbook)
        yield Rehearsed(sources, dict(stores), record)


def befallen(policy: Policy, faults: Sequence[Fault]) -> list[Procedure]:
    """Return the procedures whose backups these faults befall: those of an engine that makes such backups."""
    kinds = {fault.kind if fault.kind in WITH_OWN_VICTIM else victims.ON_ANY for fault in faults}
    return [procedure for procedure in policy.procedures.values() if _may_make(procedure) & kinds]


def _may_make(procedure: Procedure) -> set[str]:
    if procedure.engine == "redis":
        # What kind it is shows only in its manifest.
        return {victims.SNAPSHOT, victims.APPEND_ONLY}
    if procedure.engine == "files":
        return {victims.ARCHIVE}
    if procedure.engine != "postgres":
        return set()
    if procedure.fetch is None:
        return {victims.DUMP}
    made = {victims.PHYSICAL} if not procedure.receive else {victims.STREAM}
    made |= {victims.CHAIN} if procedure.incremental else set()
    return made | ({victims.LOG} if procedure.archive else set())


def tried(policy: Policy, runtime: Runtime, clusters: PostgresClusters, *, faults: Sequence[Fault], seed: int) -> Score:
    """Rehearse, try the faults, and show in the evidence what came of each."""
    with (
        working_on(f"trying {len(faults)} faults"),
        rehearsed(policy, runtime, clusters, faults=faults, seed=seed, scale=1) as scene,
    ):
        score = try_all(faults, scene)
    attach_json("sabotage", score.as_json())
    return score
