"""The schedule written as `dr-drill schedule` writes it, and read again: is all of it in there?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError
from drill.policy import Policy
from drill.timetable.crontab import crontab
from drill.timetable.jobs import Place, jobs
from drill.timetable.kubernetes import manifests
from drill.timetable.systemd import units

WRITERS = {"crontab": crontab, "systemd": units, "kubernetes": manifests}
NOWHERE = Path("/nowhere")

_TIMES = {
    "crontab": re.compile(r"^(\S+ \S+ \S+ \S+ \S+) cd ", re.MULTILINE),
    "kubernetes": re.compile(r'^  schedule: "(.+)"$', re.MULTILINE),
}
_TIMER = re.compile(r"^OnCalendar=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for a scheduler, by file name; nothing where ``problem`` says why it could not be."""

    scheduler: str
    files: Mapping[str, str]
    problem: str = ""

    def left_out(self, policy: Policy) -> list[str]:
        """Return the times of a policy that are not in it, and those in it that are not the policy's.

        Systemd has its own words for a time: there it is counted whether each command has a timer that fires at all.
        """
        if self.scheduler == "systemd":
            timed = {name.removesuffix(".timer") for name, text in self.files.items() if _TIMER.search(text)}
            return sorted({job.name for job in jobs(policy)} ^ timed)
        wanted = Counter(each.cron for each in (*policy.schedule, *policy.routines))
        found = Counter(time for text in self.files.values() for time in _TIMES[self.scheduler].findall(text))
        return sorted([*(wanted - found).elements(), *(found - wanted).elements()])


def written(policy: Policy, scheduler: str) -> Written:
    """Write the schedule of a policy for a scheduler."""
    place = Place(NOWHERE, environment=NOWHERE, search_path="/usr/bin", image="ops/backup:1.4")
    try:
        return Written(scheduler, WRITERS[scheduler](jobs(policy), place))
    except DrillError as error:
        return Written(scheduler, {}, str(error))
