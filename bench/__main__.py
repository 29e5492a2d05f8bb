"""Run the benchmarks.

    python -m bench [--size MB] [--rounds N] [--runtime NAME] [--skip-features] [--skip-cache] [--skip-database]
                    [--skip-catalogue] [--skip-site] [--skip-reports] [--skip-files] [--skip-sabotage]
                    [--skip-evidence] [--skip-disasters] [--output FILE]

Takes well over half an hour with the defaults. Exit status: 0 measured, whatever the numbers say;
1 something that is measured failed; 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import compileall
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bench import (
    backups,
    cache,
    catalogue,
    disasters,
    evidence,
    files,
    fingerprints,
    increments,
    physical,
    report,
    reports,
    site,
    starts,
    streaming,
    suites,
    verification,
)
from bench.laboratory import laboratory
from bench.measurement import Measurement
from drill import policy
from drill.errors import DrillError
from drill.runtimes import Engine, Resolution, Runtime, RuntimeUnavailable, resolve
from drill.servers.postgres import PostgresClusters

CHECKOUT = Path(__file__).resolve().parent.parent
POLICY = policy.load(CHECKOUT / "policy.toml")
RUNTIMES = ("embedded", "docker")


def main(arguments: Sequence[str]) -> int:
    """Measure, show and write; return the exit status."""
    options = _options(arguments)
    # As an installation has them: a script that has no bytecode is compiled at each start, 40 ms every time.
    compileall.compile_dir(CHECKOUT / "backup_scripts", quiet=1)
    console = Console(stderr=True, highlight=False)
    measurements: list[Measurement] = []
    versions: list[str] = []
    site_measured = False  # it is on this machine, whatever runtime the others have
    try:
        resolutions = list(_resolutions(options.runtime, console))
        for resolution in resolutions:
            with closing(resolution.open()) as runtime:
                versions += [f"{runtime.name}: {runtime.version(engine)}" for engine in Engine]
                measurements += _measured_on(runtime, options, console)
                if not (options.skip_site or site_measured):
                    console.print(f"the other site, {options.size} MB")
                    measurements += site.site(runtime, megabytes=options.size, rounds=options.rounds, checkout=CHECKOUT)
                    site_measured = True
        if not options.skip_catalogue:
            console.print(f"the catalogue of {catalogue.BACKUPS:,} backups")
            measurements += catalogue.catalogue(backups=catalogue.BACKUPS, checkout=CHECKOUT)
        if not options.skip_reports:
            console.print(f"the report of {reports.RUNS} runs, and the Allure page of one")
            measurements += [*reports.reports(POLICY, checkout=CHECKOUT), reports.allure(checkout=CHECKOUT)]
        if not options.skip_evidence:
            console.print(f"the gate over {evidence.RUNS:,} runs")
            measurements += evidence.evidence(POLICY, checkout=CHECKOUT)
        if not options.skip_files:
            console.print(f"{files.FILES:,} files")
            measurements += files.files(megabytes=2 * options.size, rounds=options.rounds, checkout=CHECKOUT)
        if not options.skip_sabotage:
            console.print("the whole catalogue of faults")
            measurements.append(verification.faults(checkout=CHECKOUT))
        if not options.skip_features:
            console.print("pytest features/, on each runtime in turns")
            names = [resolution.name for resolution in resolutions]
            measurements += suites.features(names, rounds=options.rounds, checkout=CHECKOUT)
    except (DrillError, RuntimeError) as error:
        console.print(f"error: {error}", markup=False)
        return 1
    report.show(measurements, Console(width=None if sys.stdout.isatty() else 200))
    # Not the arguments as given: where the file lies is a path of one machine.
    command = f"python -m bench --size {options.size} --rounds {options.rounds}"
    report.write(measurements, options.output, versions=versions, command=command)
    console.print(f"written to {os.path.relpath(options.output)}")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the suite costs.")
    parser.add_argument("--size", type=int, default=1000, metavar="MB", help="of the database (1000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="pairs to take the median of (5)")
    parser.add_argument("--runtime", choices=RUNTIMES, action="append", help="only on this one (both)")
    parser.add_argument("--skip-features", action="store_true", help="do not time pytest features/")
    parser.add_argument("--skip-cache", action="store_true", help="do not measure Redis")
    parser.add_argument("--skip-database", action="store_true", help="do not measure PostgreSQL")
    parser.add_argument("--skip-catalogue", action="store_true", help="do not list a large repository")
    parser.add_argument("--skip-site", action="store_true", help="do not copy to the other site")
    parser.add_argument("--skip-reports", action="store_true", help="do not write a year's report")
    parser.add_argument("--skip-evidence", action="store_true", help="do not judge a long history")
    parser.add_argument("--skip-disasters", action="store_true", help="do not lose the whole estate")
    parser.add_argument("--skip-files", action="store_true", help="do not measure trees of files")
    parser.add_argument("--skip-sabotage", action="store_true", help="do not try all faults, which takes minutes")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "docs" / "benchmarks.md", metavar="FILE")
    return parser.parse_args(arguments)


def _resolutions(chosen: Sequence[str] | None, console: Console) -> Iterator[Resolution]:
    images = POLICY.runtime.images
    for name in chosen or RUNTIMES:
        try:
            yield resolve(name, {str(engine): image for engine, image in images.items()})
        except RuntimeUnavailable as error:
            if chosen:
                raise
            console.print(f"not on {name}: {error}", markup=False)


def _measured_on(runtime: Runtime, options: argparse.Namespace, console: Console) -> Iterator[Measurement]:
    clusters = PostgresClusters(runtime)
    console.print(f"{runtime.name}: starts")
    yield starts.blank_start(runtime, clusters, rounds=options.rounds)
    if not options.skip_cache:
        console.print(f"{runtime.name}: a cache of {cache.KEYS:,} keys")
        with cache.filled(runtime) as server:
            yield from cache.cache(runtime, server, rounds=options.rounds, checkout=CHECKOUT)
    if not options.skip_disasters:
        console.print(f"{runtime.name}: {options.rounds} pairs of recoveries of the whole estate, and a lost site")
        yield disasters.side_by_side(runtime, clusters, POLICY, rounds=options.rounds)
        yield disasters.site_loss(runtime.name, rounds=min(options.rounds, 2), checkout=CHECKOUT)
    if not options.skip_sabotage:
        console.print(f"{runtime.name}: verification of one backup of each kind")
        yield from verification.verification(runtime, clusters, POLICY, rounds=options.rounds, checkout=CHECKOUT)
    if options.skip_database:
        return
    console.print(f"{runtime.name}: filling {options.size} MB")
    site = physical.Site.prepared(runtime, POLICY)
    with laboratory(runtime, clusters, megabytes=options.size, keeping=site.keeping) as filled:
        console.print(f"{runtime.name}: fingerprints")
        yield from fingerprints.fingerprint(filled, rounds=options.rounds, checkout=CHECKOUT)
        console.print(f"{runtime.name}: {options.rounds} pairs of backup and restore")
        yield backups.backup_and_restore(filled, rounds=options.rounds, checkout=CHECKOUT)
        yield backups.restore(filled, rounds=options.rounds, checkout=CHECKOUT)
        console.print(f"{runtime.name}: physical backups, {options.rounds} pairs of each kind")
        yield from physical.physical(site, filled, clusters, rounds=options.rounds, checkout=CHECKOUT)
        yield from increments.increments(site, filled, rounds=options.rounds, checkout=CHECKOUT)
    console.print(f"{runtime.name}: {options.rounds} kills of a server whose log is streamed")
    yield streaming.loss_window(runtime, clusters, POLICY, rounds=options.rounds, checkout=CHECKOUT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
