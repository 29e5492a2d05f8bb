"""``dr-drill sabotage``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import EXIT_STATUS, FAILED, PolicyFile, app, sound_policy, wide_console
from drill.cli.servers import RuntimeChoice, Workers, opened_runtime, say
from drill.damage.health import examine
from drill.damage.health import tables as health_tables
from drill.damage.score import Attempt, matrix_table, tables
from drill.damage.stage import try_in_turns
from drill.damage.trial import chosen
from drill.errors import DrillError
from drill.evidence.verdict import Disproof, Verdict
from drill.policy import Policy
from drill.runtimes import Runtime, RuntimeUnavailable
from drill.servers.postgres import PostgresClusters


@app.command()
def sabotage(
    *,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only faults of this kind; may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--fault", metavar="ID", help="Only this fault; may be repeated.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the few that every drill tries.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show what usual checks say of the same faults: checksums, sizes, tools.")
    ] = False,
    healthy: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Break nothing: verify whole backups of N estates, each of another seed and scale."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the estate's content; otherwise the policy's.")] = None,
    scale: Annotated[int | None, typer.Option(min=1, help="Multiplies the content; otherwise the policy's.")] = None,
    as_data: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the score and every attempt to this file.")
    ] = None,
    workers: Workers = 2,
    runtime: RuntimeChoice = None,
    file: PolicyFile = None,
) -> None:
    """Break backups in every way that is known from the field, and see that each of them is noticed.

    A disposable estate is backed up with the policy's own procedures. For each fault a fresh copy of the backups is
    made, the fault injected, and the copy verified as dr-drill verify does it. A check that cannot fail proves nothing:
    a fault that passes is a miss. So is an alarm about a healthy backup, of which all are verified as well. Only faults
    of ciphertext befall encrypted backups; for all others they are stored as they are, whatever the policy encrypts.

        dr-drill sabotage --quick

        dr-drill sabotage --kind log --kind chain

        dr-drill sabotage --healthy 20

    Exit status: 0 every fault was noticed and nothing healthy accused; 1 something was missed, or accused; 2 something
    given to the command is wrong; 3 something could not be tried.
    """
    policy = sound_policy(file)
    first_seed = policy.estate.seed if seed is None else seed
    if healthy is not None:
        if kinds or only or quick or compare or scale is not None:
            raise DrillError(
                "--healthy breaks nothing, and takes several scales in turns", remedy="name a --seed alone"
            )
        with _servers(policy, runtime) as open_runtime:
            health = examine(policy, open_runtime, number=healthy, seed=first_seed, workers=workers, tell=_tell)
        _write(as_data, health.as_json())
        wide_console().print(health_tables(health))
        raise typer.Exit(EXIT_STATUS[health.verdict])
    faults = [fault for fault in chosen(kinds or [], quick=quick) if not only or fault.id in only]
    if not faults:
        raise DrillError("no fault is chosen", remedy="name other kinds or faults; without any, all are tried")
    first_scale = policy.estate.scale if scale is None else scale
    with _servers(policy, runtime) as open_runtime:
        score = try_in_turns(
            policy,
            open_runtime,
            PostgresClusters(open_runtime),
            faults=faults,
            seed=first_seed,
            scale=first_scale,
            workers=workers,
            comparing=compare,
            tell=_tell,
        )
    _write(as_data, score.as_json())
    wide_console().print(tables(score))
    if compare:
        wide_console().print(matrix_table(score))
    raise typer.Exit(EXIT_STATUS[score.verdict])


@contextmanager
def _servers(policy: Policy, choice: str | None) -> Iterator[Runtime]:
    """Open the runtime; where there is none, or a backup fails on it, end as the verdict demands."""
    try:
        with opened_runtime(policy, choice) as runtime:
            yield runtime
    except RuntimeUnavailable as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(EXIT_STATUS[Verdict.UNPROVEN]) from error
    except Disproof as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(FAILED) from error


def _write(file: Path | None, facts: Mapping[str, object]) -> None:
    if file is None:
        return
    try:
        file.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise DrillError(f"{file}: {error.strerror}", remedy="name a file that can be written") from error


def _tell(attempt: Attempt) -> None:
    found = f" ({', '.join(attempt.findings)})" if attempt.findings else ""
    say(f"{attempt.seconds:5.1f} s  {attempt.kind:<11} {attempt.id}: {attempt.outcome}{found}")
