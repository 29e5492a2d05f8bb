"""The report's words in a language: texts from a gettext catalogue, numbers, units and dates through Babel.

Texts are written in English where they are used, which is also what they are found by. What the shipped policy says is
in a catalogue of its own; whatever another policy and the evidence say stays in the words in which it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.policy.quantity import COUNTS, DURATIONS

LANGUAGES = ("en", "vi")
CATALOGUES = Path(__file__).parent / "locale"
NOTHING = "–"

_QUANTITY = re.compile(r"(?P<comparison>[<>=]* ?)(?P<number>-?[0-9]+(?:\.[0-9]+)?) (?P<unit>\S+)")
_COMPARISONS = {"<=": "≤", ">=": "≥"}


class Words:
    """One language.

    Raises:
        DrillError: it is none of ``LANGUAGES``.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise DrillError(f"no report is written in {language!r}", remedy=f"choose one of {', '.join(LANGUAGES)}")
        self.language = language
        self._locale = Locale.parse(language)
        self._texts = _catalogue(language)
        self._policy = _catalogue(f"policy.{language}")

    def say(self, text: str, **values: object) -> str:
        """Return a text in this language, with ``{name}`` filled in."""
        return (self._texts.get(text) or text).format(**values)

    def translated(self, text: str) -> str | None:
        """Return a text of the shipped policy in this language; None where there is no translation of it."""
        return self._policy.get(text)

    def number(self, value: float, *, decimals: int = 0) -> str:
        """Return a number, grouped and with at most so many decimals."""
        return format_decimal(round(value, decimals), format=f"#,##0.{'#' * decimals}", locale=self._locale)

    def percent(self, ratio: float) -> str:
        """Return a ratio of which 1 is all; rounded down, so that less than all never reads as all."""
        return format_percent(int(ratio * 10_000) / 10_000, format="#,##0.##\u00a0%", locale=self._locale)

    def size(self, size: float) -> str:
        """Return a number of bytes in the largest decimal unit in which it is at least one."""
        for unit in ("B", "kB", "MB", "GB"):
            if abs(size) < 1000:
                return f"{self.number(size, decimals=1)}\u00a0{unit}"
            size /= 1000
        return f"{self.number(size, decimals=1)}\u00a0TB"

    def day(self, day: date) -> str:
        """Return a day."""
        return format_date(day, format="d MMM y" if self.language == "en" else "d/M/y", locale=self._locale)

    def short_day(self, day: date) -> str:
        """Return a day without its year, as axes have it."""
        return format_date(day, format="d MMM" if self.language == "en" else "d/M", locale=self._locale)

    def month(self, day: date) -> str:
        """Return the month of a day."""
        text = format_skeleton("yMMMM", day, locale=self._locale)
        return text[:1].upper() + text[1:]

    def moment(self, moment: datetime) -> str:
        """Return a moment, to the minute."""
        return f"{self.day(moment.date())}, {format_datetime(moment, format='HH:mm', locale=self._locale)}"

    def duration(self, seconds: float) -> str:
        """Return a duration in the largest unit in which it is at least one."""
        unit = next((unit for unit in reversed(DURATIONS) if abs(seconds) >= DURATIONS[unit]), "ms")
        unit = unit if seconds else "s"
        amount = seconds / float(DURATIONS[unit])
        return f"{self.number(amount, decimals=1)}\u00a0{self._unit(unit)}"

    def quantity(self, text: str | None) -> str:
        """Return an objective or a value of the evidence, ``< 4 h`` or ``0 differences``, digit by digit."""
        if text is None:
            return NOTHING
        written = _QUANTITY.fullmatch(text)
        if written is None:
            return text
        comparison = written["comparison"].strip()
        decimals = len(written["number"].partition(".")[2])
        number = self.number(float(written["number"]), decimals=decimals)
        sign = f"{_COMPARISONS.get(comparison, comparison)}\u00a0" if comparison else ""
        between = " " if written["unit"] in COUNTS else "\u00a0"
        return f"{sign}{number}{between}{self._unit(written['unit'])}"

    def verdict(self, verdict: Verdict) -> str:
        """Return a verdict's name."""
        return {
            Verdict.PROVEN: self.say("proven"),
            Verdict.DISPROVEN: self.say("disproven"),
            Verdict.UNPROVEN: self.say("unproven"),
        }[verdict]

    def _unit(self, unit: str) -> str:
        known = {
            "s": self.say("s"),
            "min": self.say("min"),
            "h": self.say("h"),
            "d": self.say("d"),
            "differences": self.say("differences"),
            "findings": self.say("findings"),
            "placeholders": self.say("placeholders"),
        }
        return known.get(unit, unit)


@cache
def _catalogue(name: str) -> Mapping[str, str]:
    path = CATALOGUES / f"{name}.po"
    if not path.is_file():
        return {}  # English is what texts are written in
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
