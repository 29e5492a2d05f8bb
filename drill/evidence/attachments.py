"""Attaches evidence to the step, fixture or test that is running; does nothing where no Allure results are written.

What is attached is redacted on the way.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import allure
from allure_commons.types import AttachmentType

from drill.evidence.redaction import redacted, redacted_bytes

KINDS = {kind.extension: kind for kind in AttachmentType} | {"log": AttachmentType.TEXT}


def part(name: str) -> AbstractContextManager[Any]:
    """Show what happens in the block as a part of the step that is running."""
    shown: AbstractContextManager[Any] = allure.step(redacted(name))
    return shown


def attach_text(name: str, body: str) -> None:
    """Attach plain text."""
    allure.attach(redacted(body), redacted(name), AttachmentType.TEXT)


def attach_json(name: str, value: object) -> None:
    """Attach a value as indented JSON: dataclasses as objects, whatever JSON does not know as its text."""
    body = json.dumps(value, indent=2, ensure_ascii=False, default=_plain)
    allure.attach(redacted(body), redacted(name), AttachmentType.JSON)


def attach_csv(name: str, rows: Iterable[Sequence[object]]) -> None:
    """Attach a table, its heading being the first row."""
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\n").writerows(rows)
    allure.attach(redacted(table.getvalue()), redacted(name), AttachmentType.CSV)


def attach_file(name: str, path: Path) -> None:
    """Attach a file's content, shown as its suffix says; a missing file is attached as the words that it is missing.

    Evidence is gathered after failures too, when a log or a manifest may never have been written.
    """
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        attach_text(name, f"{path.name} does not exist")
        return
    suffix = path.suffix.removeprefix(".").lower()
    allure.attach(redacted_bytes(body), redacted(name), KINDS.get(suffix), suffix or None)


def _plain(value: object) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
