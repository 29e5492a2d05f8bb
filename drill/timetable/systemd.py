"""The schedule as systemd services and timers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from cronsim import CronSim

from drill.policy import Timetable
from drill.policy.quantity import duration_text
from drill.timetable.jobs import Job, Place, Receiver

_ANY_MOMENT = datetime(2028, 1, 1)  # noqa: DTZ001 - only the expression is read
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_HEAD = "# Written by dr-drill schedule from policy.toml; change it there."
_TRIES = 12
"""How often a receiver that has died is started again, at the least, until it has to be back."""
_RUN_AT_LEAST = 3
"""How many numbers in a row are written as a range."""


def units(jobs: Sequence[Job], place: Place, *, beside: Sequence[str] = ()) -> dict[str, str]:
    """Return a service and a timer for each job, by file name."""
    found: dict[str, str] = {}
    for job in jobs:
        found[f"{job.name}.service"] = _service(job, place, beside)
        found[f"{job.name}.timer"] = _timer(job)
    return found


def services(receivers: Sequence[Receiver], place: Place) -> dict[str, str]:
    """Return a service for each receiver, by file name: one that has died is started again until it runs."""
    return {f"{each.name}.service": _kept_running(each, place) for each in receivers}


def calendar(entry: Timetable) -> list[str]:
    """Return a cron expression as calendar events; where day and weekday are alternatives, it takes two.

    Systemd leaves out the second of two hours when a clock is put back (seen with version 252), which would be a gap of
    an hour. What runs every hour is therefore written in UTC, where that is the same.
    """
    parts = CronSim(entry.cron, _ANY_MOMENT)
    if entry.every_hour and (shift := _shift(ZoneInfo(entry.time_zone))) is not None:
        minutes = {(minute - shift) % 60 for minute in parts.minutes}
        return [f"*-*-* *:{_numbers(minutes, 0, 59)}:00 UTC"]
    weekdays = {int(day) % 7 for day in parts.weekdays if isinstance(day, int)}
    every_day, every_weekday = parts.days >= set(range(1, 32)), weekdays >= set(range(7))
    months = _numbers(parts.months, 1, 12)
    clock = f"{_numbers(parts.hours, 0, 23)}:{_numbers(parts.minutes, 0, 59)}:00 {entry.time_zone}"
    on_days = f"*-{months}-{_numbers(parts.days, 1, 31)} {clock}"
    names = ",".join(_DAYS[day] for day in sorted(weekdays))
    if every_weekday:
        return [on_days]
    if every_day or parts.day_and:
        return [f"{names} {on_days}"]
    return [f"{names} *-{months}-* {clock}", on_days]


def _kept_running(receiver: Receiver, place: Place) -> str:
    variables = [f"{name}={value}" for name, value in receiver.variables.items()]
    file = place.environment_file(receiver.procedure)
    path = ":".join([*(str(place.directory / each) for each in receiver.programs), place.search_path])
    lines = [
        _HEAD,
        f"# {file} says {', '.join(receiver.needs)}; only root may read it.",
        f"# The policy counts on it being back within {duration_text(receiver.back_within)}, whatever it died of.",
        "[Unit]",
        f"Description=DR Drill: receives the log of {_unspecified(receiver.procedure)}",
        "Wants=network-online.target",
        "After=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"WorkingDirectory={_unspecified(str(place.directory))}",
        f"EnvironmentFile={_unspecified(str(file))}",
        f"Environment={_unspecified(_quoted(f'PATH={path}'))}",
        f"ExecStart=/usr/bin/env {' '.join(map(_argument, (*variables, *receiver.words)))}",
        "Restart=always",
        f"RestartSec={receiver.back_within / timedelta(seconds=_TRIES):g}",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(lines) + "\n"


def _service(job: Job, place: Place, beside: Sequence[str]) -> str:
    variables = [f"{name}={value}" for name, value in job.variables.items()]
    file = place.environment_file(job.procedure)
    lines = [
        _HEAD,
        f"# {file} says {job.told()}; only root may read it.",
        *(f"# Besides, {each}." for each in beside),
        "[Unit]",
        f"Description=DR Drill: {_unspecified(job.title)}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_unspecified(str(place.directory))}",
        f"EnvironmentFile={_unspecified(str(file))}",
        f"Environment={_unspecified(_quoted(f'PATH={place.search_path}'))}",
        f"ExecStart=/usr/bin/env {' '.join(map(_argument, (*variables, *job.words)))}",
        f"TimeoutStartSec={job.seconds}",
        "UMask=0077",
        "NoNewPrivileges=yes",
    ]
    return "\n".join(lines) + "\n"


def _timer(job: Job) -> str:
    times = dict.fromkeys(line for entry in job.times for line in calendar(entry))
    lines = [
        _HEAD,
        "[Unit]",
        f"Description=DR Drill: when to run the {_unspecified(job.title)}",
        "",
        "[Timer]",
        *(f"OnCalendar={each}" for each in times),
        "# What was missed while the machine was off is made up for.",
        "Persistent=true",
        "AccuracySec=1s",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _numbers(numbers: Iterable[int], first: int, last: int) -> str:
    ordered = sorted(numbers)
    if ordered == list(range(first, last + 1)):
        return "*"
    parts: list[str] = []
    for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0]):
        row = [number for _, number in run]
        if len(row) >= _RUN_AT_LEAST:
            parts.append(f"{row[0]:02}..{row[-1]:02}")
        else:
            parts += [f"{number:02}" for number in row]
    return ",".join(parts)


def _shift(zone: ZoneInfo) -> int | None:
    """Return by how many minutes past the hour a zone differs from UTC; None where that changes within the year."""
    year = [datetime(_ANY_MOMENT.year, month, 1, tzinfo=zone).utcoffset() or timedelta(0) for month in range(1, 13)]
    shifts = {int(offset.total_seconds()) // 60 % 60 for offset in year}
    return shifts.pop() if len(shifts) == 1 else None


def _argument(word: str) -> str:
    return _unspecified(_quoted(word)).replace("$", "$$")


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _unspecified(text: str) -> str:
    """Keep systemd from filling in its specifiers."""
    return text.replace("%", "%%")
