"""What somebody may do to a store of evidence, and whether the gate then opens.

    python -m tests.gate.tampering REPORTS

Each is done to a copy. Ends with 1 where the gate is shut before any of it, or is not shut after each: as disproven, or
as unproven where nothing is left that contradicts.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from drill.cli import app
from drill.evidence.statement import NAME
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import exchanged, restated

OPEN, DISPROVEN, UNPROVEN = 0, 1, 3
STORE = ("runs", "history.sqlite")
EXCHANGED = "two runs exchanged"
WITHOUT_HISTORY = ("the newest run gone, and the history", "the history gone")


def gate(reports, *options):
    return CliRunner().invoke(
        app, ["gate", "--reports", str(reports), "--policy", str(REPOSITORY / "policy.toml"), *options]
    )


def newest(reports):
    return max((reports / "runs").iterdir())


def oldest(reports):
    return min((reports / "runs").iterdir())


def altered(path):
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)


TAMPERED = {
    "a byte of the record": lambda reports: altered(newest(reports) / "run.json"),
    "a byte of the log": lambda reports: altered(newest(reports) / "events.jsonl"),
    "a byte of an older log": lambda reports: altered(oldest(reports) / "events.jsonl"),
    "a later date": lambda reports: restated(newest(reports), finished=datetime.now(UTC).isoformat()),
    "a better verdict": lambda reports: restated(oldest(reports), verdict="disproven"),
    "a file put there": lambda reports: (newest(reports) / "waiver.txt").write_text("approved"),
    "the record gone": lambda reports: (newest(reports) / "run.json").unlink(),
    "the log gone": lambda reports: (newest(reports) / "events.jsonl").unlink(),
    "the statement gone": lambda reports: (newest(reports) / NAME).unlink(),
    "the newest run gone": lambda reports: shutil.rmtree(newest(reports)),
    "the older run gone": lambda reports: shutil.rmtree(oldest(reports)),
    "all runs gone": lambda reports: shutil.rmtree(reports / "runs"),
    EXCHANGED: lambda reports: exchanged(newest(reports), oldest(reports)),
    "a run copied under another name": lambda reports: shutil.copytree(
        newest(reports), newest(reports).with_name(f"{newest(reports).name[:-8]}{'0' * 8}")
    ),
    "a link in place of a file": lambda reports: linked(newest(reports) / "run.json"),
    WITHOUT_HISTORY[0]: lambda reports: (shutil.rmtree(newest(reports)), forgotten(reports)),
    WITHOUT_HISTORY[1]: lambda reports: forgotten(reports),
}


def linked(path):
    path.rename(path.parents[2] / "elsewhere.json")
    path.symlink_to(path.parents[2] / "elsewhere.json")


def forgotten(reports):
    for file in reports.glob("history.sqlite*"):
        file.unlink()


def ways(reports):
    """Return what of all this can be done to a store: a run alone cannot be exchanged with another."""
    alone = newest(reports) == oldest(reports)
    return {name: tamper for name, tamper in TAMPERED.items() if not (alone and name == EXCHANGED)}


def unnoticed(reports):
    """Return what of that the gate does not call what it is."""
    found = []
    for name, tamper in ways(reports).items():
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "reports"
            copy.mkdir()
            for each in STORE:
                copied = shutil.copytree if (reports / each).is_dir() else shutil.copy2
                copied(reports / each, copy / each)
            tamper(copy)
            if gate(copy).exit_code != (UNPROVEN if name in WITHOUT_HISTORY else DISPROVEN):
                found.append(name)
    return found


def main(reports):
    told = gate(reports)
    if told.exit_code != OPEN:
        print(told.output, "error: the gate is shut: tampering would prove nothing", sep="\n")  # noqa: T201
        return 1
    missed, tried = unnoticed(reports), len(ways(reports))
    print(f"tampering: {tried - len(missed)} of {tried} ways shut the gate", *missed, sep="\n  ")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
