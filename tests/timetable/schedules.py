"""Schedules for the tests of timetables."""

import re
import shutil

import pytest

from drill.policy import Command, Schedule
from tests.procedures import SHIPPED

ALL = (*SHIPPED.schedule, *SHIPPED.routines)
HANOI, BERLIN = "Asia/Ho_Chi_Minh", "Europe/Berlin"
NEEDS_SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def entry(cron, zone=HANOI, procedure="redis", action="backup"):
    return Schedule.model_construct(
        procedure=procedure, action=action, cron=cron, time_zone=zone, frequency="monthly", origin="document"
    )


def with_command(text, **facts):
    changed = SHIPPED.procedures["redis"].model_copy(update={"backup": Command.parse(text)} | facts)
    policy = SHIPPED.model_copy(update={"procedures": {**SHIPPED.procedures, "redis": changed}, "routines": ()})
    return policy.with_schedule([entry("0 2 * * *")])


def cron_lines(text):
    """Yield time zone, expression and command of a crontab, as cronie reads it."""
    zone = None
    for line in text.splitlines():
        if line.startswith("CRON_TZ="):
            zone = line.partition("=")[2]
        elif line and not line.startswith("#") and not re.match(r"[A-Z]+=", line):
            *fields, command = line.split(None, 5)
            yield zone, " ".join(fields), command
