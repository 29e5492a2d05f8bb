"""Reads what a report's page says in a language, and tells whether it is a value; with none of our code."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]

VERDICTS = {
    "en": {"proven": "proven", "disproven": "disproven", "unproven": "unproven"},
    "vi": {"proven": "đã chứng minh", "disproven": "bị bác bỏ", "unproven": "chưa chứng minh"},
}
UNITS = {
    "ms": 1e-3,
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "giây": 1,
    "phút": 60,
    "giờ": 3600,
    "ngày": 86400,
    "B": 1,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "="}
HUNDREDTH = 0.00501
NUMBER = r"-?\d[\d.,]*"
MOMENT = {"en": r"\d+ \w{3} \d{4}, \d\d:\d\d", "vi": r"\d+/\d+/\d{4}, \d\d:\d\d"}
WRITTEN = {"en": "%d %b %Y, %H:%M", "vi": "%d/%m/%Y, %H:%M"}


class Reader:
    """Reads what is written in a language, and tells whether it is a value."""

    def __init__(self, language: str) -> None:
        self.language = language

    def numbers(self, text: str) -> list[float]:
        """Return the numbers of a text, without what groups thousands."""
        grouping, mark = (".", ",") if self.language == "vi" else (",", ".")
        found = (each.rstrip(".,") for each in re.findall(NUMBER, text))
        return [float(each.replace(grouping, "").replace(mark, ".")) for each in found]

    def number(self, text: str, value: float) -> bool:
        """Tell whether it is this number and nothing else."""
        return re.fullmatch(NUMBER, text) is not None and self.numbers(text) == [value]

    def all_of(self, text: str, values: Sequence[float]) -> bool:
        """Tell whether it names these numbers in their order, and no other."""
        return self.numbers(text) == list(values)

    def amount(self, text: str, value: float) -> bool:
        """Tell whether it is this duration or size, to a tenth of the unit that it is written in."""
        found = re.search(rf"({NUMBER})\u00a0(\w+)", text)
        if found is None or found[2] not in UNITS:
            return False
        [shown] = self.numbers(found[1])
        return abs(shown * UNITS[found[2]] - value) <= 0.0501 * UNITS[found[2]]

    def percent(self, text: str, ratio: float) -> bool:
        """Tell whether it is this share, rounded down to two digits."""
        return text.endswith("%") and -1e-9 < 100 * ratio - self.numbers(text)[0] < 0.0101

    def value(self, text: str, value: Data | None) -> bool:
        """Tell whether it is a value of the evidence, digit by digit."""
        return text == "–" if value is None else self.numbers(text)[:1] == [float(value["text"].split()[0])]

    def moments(self, text: str, values: Iterable[str]) -> bool:
        """Tell whether it names these moments to the minute."""
        found = re.findall(MOMENT[self.language], text)
        read = [datetime.datetime.strptime(each, WRITTEN[self.language]) for each in found]  # noqa: DTZ007 - all in UTC
        wanted = [
            datetime.datetime.fromisoformat(each).replace(second=0, microsecond=0, tzinfo=None) for each in values
        ]
        return read == wanted

    def day(self, text: str, value: str | None) -> bool:
        """Tell whether it is a day; without one, no day is to be there."""
        found = re.search(MOMENT[self.language].partition(",")[0], text)
        return value is None if found is None else value is not None and self.moments(f"{found[0]}, 00:00", [value])

    def objective(self, text: str, objective: str) -> bool:
        """Tell whether it is this comparison with this number."""
        comparison, value, *_ = objective.split()
        return text.split()[0] == SIGNS[comparison] and self.numbers(text) == [float(value)]

    def margin(self, text: str, criterion: Data) -> bool:
        """Tell whether it is how far a value is on the good side of the objective."""
        value, unit = criterion["margin"], criterion["objective"].split()[-1]
        if value is None:
            return text == "–"
        if unit in UNITS:
            return self.amount(text, value)
        if unit == "%":
            return abs(self.numbers(text)[0] - 100 * value) <= HUNDREDTH
        return self.numbers(text) == [value]

    def proof(self, text: str, criterion: Data) -> bool:
        """Tell whether it is when a criterion was last proven: to the minute, or on the day where that was before."""
        if criterion["last_proven"] is not None:
            return self.moments(text, [criterion["last_proven"]])
        before = criterion["previously_proven"]
        return text == "–" if before is None else self.day(text, f"{before[:10]}T00:00:00")

    def verdict(self, text: str, verdict: str | None) -> bool:
        """Tell whether it names a verdict."""
        return text == "–" if verdict is None else text.split("\n")[0] == VERDICTS[self.language][verdict]

    def steps(self, text: str, steps: Sequence[Data]) -> bool:
        """Tell whether its lines are the moments of a timeline, in order."""
        lines, wanted = text.split("\n"), sorted(steps, key=lambda step: step["seconds"])
        return len(lines) == len(wanted) and all(
            self.amount(line, step["seconds"]) and (step["system"] or "") in line
            for line, step in zip(lines, wanted, strict=True)
        )


def says(text: str, value: str | None) -> bool:
    """Tell whether it is a text, or nothing where there is none."""
    return text.split() == (value or "–").split()


def begins(text: str, value: str) -> bool:
    """Tell whether its first line is a text."""
    return says(text.split("\n")[0], value)


def names(text: str, values: Iterable[str]) -> bool:
    """Tell whether it holds all of these texts."""
    return all(" ".join(value.split()) in " ".join(text.split()) for value in values)


def lists(text: str, values: Sequence[str]) -> bool:
    """Tell whether it is a list of these names."""
    return says(text, ", ".join(values))
