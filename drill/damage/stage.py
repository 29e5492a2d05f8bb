"""Rehearses everything into a place of its own, for sabotage that needs nobody's repository."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from drill.commands.runbook import Runbook
from drill.damage import victims
from drill.damage.faults import Fault
from drill.damage.faults.ciphertext import CIPHERTEXT
from drill.damage.rehearsed import WITH_OWN_VICTIM, Rehearsed
from drill.damage.score import Attempt, Score, matrix
from drill.damage.sealed import SealedFault, try_sealed
from drill.damage.trial import KNOWN, Tell, try_all
from drill.evidence.attachments import attach_csv, attach_json
from drill.evidence.journal import Journal
from drill.policy import Policy, Procedure
from drill.progress import working_on
from drill.rehearsal import Sources, obstacle, rehearse
from drill.runtimes import Runtime
from drill.runtimes.workspace import Workspace
from drill.secrecy.encryption import encrypted, unencrypted
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
    try:
        with sources.opened(befallen(policy, faults)) as stores:
            record = rehearse(sources, dict(stores), runbook=runbook)
            yield Rehearsed(sources, dict(stores), record)
    finally:
        shutil.rmtree(repository)


def befallen(policy: Policy, faults: Sequence[Fault]) -> list[Procedure]:
    """Return the procedures whose backups these faults befall: those of an engine that makes such backups, here."""
    kinds = {fault.kind if fault.kind in WITH_OWN_VICTIM else victims.ON_ANY for fault in faults}
    fitting = [procedure for procedure in policy.procedures.values() if _may_make(procedure) & kinds]
    return [procedure for procedure in fitting if obstacle(procedure) is None]


def _may_make(procedure: Procedure) -> set[str]:
    if procedure.engine == "redis":
        # What kind it is shows only in its manifest.
        return {victims.SNAPSHOT, victims.APPEND_ONLY}
    if procedure.engine == "files":
        return {victims.ARCHIVE}
    if procedure.engine == "git":
        return {victims.MIRROR}
    if procedure.engine == "machine":
        return {victims.MACHINE}
    if procedure.engine != "postgres":
        return set()
    if procedure.fetch is None:
        return {victims.DUMP}
    made = {victims.PHYSICAL} if not procedure.receive else {victims.STREAM}
    made |= {victims.CHAIN} if procedure.incremental else set()
    return made | ({victims.LOG} if procedure.archive else set())


def try_in_turns(
    policy: Policy,
    runtime: Runtime,
    clusters: PostgresClusters,
    *,
    faults: Sequence[Fault | SealedFault],
    seed: int,
    scale: int,
    workers: int = 2,
    comparing: bool = False,
    tell: Tell = lambda _: None,
) -> Score:
    """Rehearse and try the faults: of backups stored as they are, then of encrypted ones, then of sealed evidence.

    Args:
        policy: whose procedures back up and restore.
        runtime: where the servers run.
        clusters: makes PostgreSQL servers.
        faults: which.
        seed: of the estate's content.
        scale: multiplies it.
        workers: so many trials at once.
        comparing: ask usual checks what they say of the same faults.
        tell: is told of each as soon as it is done.

    Raises:
        Disproof: a backup command failed.
    """
    started = time.monotonic()
    of_backups = [fault for fault in faults if isinstance(fault, Fault)]
    attempts: list[Attempt] = []
    for each, chosen in turns(policy, of_backups, workspace=runtime.workspace):
        with rehearsed(each, runtime, clusters, faults=chosen, seed=seed, scale=scale) as scene:
            attempts += try_all(chosen, scene, workers=workers, comparing=comparing, tell=tell).attempts
    if sealed := [fault for fault in faults if isinstance(fault, SealedFault)]:
        tampered = try_sealed(sealed, policy, directory=runtime.workspace.directory)
        attempts += tampered
        for attempt in tampered:
            tell(attempt)
    return Score(tuple(attempts), seconds=time.monotonic() - started, known=len(KNOWN))


def turns(policy: Policy, faults: Sequence[Fault], *, workspace: Workspace) -> list[tuple[Policy, list[Fault]]]:
    """Return the policies that are rehearsed one after the other, and the faults that are tried on each.

    Only those of ciphertext befall encrypted backups. All others are made in what was backed up, which nobody can alter
    unseen in ciphertext: where the policy has backups encrypted, they befall such as are stored as they are.
    """
    coded = [fault for fault in faults if fault.kind == CIPHERTEXT]
    plain = [fault for fault in faults if fault.kind != CIPHERTEXT]
    found = [(unencrypted(policy), plain)] if plain else []
    return [*found, *([(encrypted(policy, workspace=workspace), coded)] if coded else [])]


def tried(
    policy: Policy,
    runtime: Runtime,
    clusters: PostgresClusters,
    *,
    faults: Sequence[Fault | SealedFault],
    seed: int,
    comparing: bool = False,
) -> Score:
    """Rehearse, try the faults, and show in the evidence what came of each, and what usual checks say where asked."""
    with working_on(f"trying {len(faults)} faults"):
        score = try_in_turns(policy, runtime, clusters, faults=faults, seed=seed, scale=1, comparing=comparing)
    attach_json("sabotage", score.as_json())
    if comparing:
        attach_csv("the same faults, seen by usual checks (* not run: inferred from the restores)", matrix(score))
    return score
