"""The schedule as Kubernetes CronJobs, in their time zones (Kubernetes 1.27 or newer)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cronsim import CronSim

from drill.errors import DrillError
from drill.policy import Timetable
from drill.policy.fields import pinned
from drill.timetable.jobs import PREFIX, Job, Place

REPOSITORY = ("BACKUP_REPOSITORY", "/repository")
REPORTS = ("DR_DRILL_REPORTS", "/reports")
"""The variable that says where the volume of a job is, and where it is: of procedures, and of routines."""
_ANY_MOMENT = datetime(2028, 1, 1)  # noqa: DTZ001 - only the expression is read
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")


def manifests(jobs: Sequence[Job], place: Place, *, beside: Sequence[str] = ()) -> dict[str, str]:
    """Return a CronJob for each time of each job, by file name.

    Raises:
        DrillError: no image is named, or one that floats; the YAML library is not installed; a time cannot be said.
    """
    if place.image is None:
        raise DrillError(
            "no image for the containers",
            remedy="name one that holds the scripts and their client programs, with its tag: --image IMAGE",
        )
    image = pinned(place.image)
    found: dict[str, str] = {}
    for job in jobs:
        for number, entry in enumerate(job.times, 1):
            name = job.name if number == 1 else f"{job.name}-{number}"
            head = [
                "Written by dr-drill schedule from policy.toml; change it there.",
                f"The Secret {_secret(job)} holds {job.told(without=REPOSITORY[0])}.",
                *(f"Besides, {each}." for each in beside),
            ]
            text = "".join(f"# {line}\n" for line in head) + _yaml(_cron_job(name, job, entry, place, image))
            found[f"{name}.yaml"] = text
    return found


def expression(entry: Timetable) -> str:
    """Return a cron expression that Kubernetes reads as this suite does.

    Raises:
        DrillError: a step of days together with weekdays: both must match here, either would do there.
    """
    parts = CronSim(entry.cron, _ANY_MOMENT)
    minute, hour, day, month, weekday = entry.cron.split()
    if parts.day_and and "*" not in (day, weekday):
        raise DrillError(
            f"{entry.cron!r} means days that match both fields; to Kubernetes one of them would be enough",
            remedy="write the days without a step, in one of the two fields",
        )
    if "7" in weekday:
        days = sorted({int(each) % 7 for each in parts.weekdays if isinstance(each, int)})
        weekday = ",".join(map(str, days))
    return " ".join((minute, hour, day, month, weekday))


def _cron_job(name: str, job: Job, entry: Timetable, place: Place, image: str) -> dict[str, Any]:
    volume, (variable, mounted) = ("repository", REPOSITORY) if job.action else ("reports", REPORTS)
    variables = {**job.variables, variable: mounted}
    container = {
        "name": job.action or "routine",
        "image": image,
        "command": [_literal(word) for word in job.words],
        **({"workingDir": str(place.image_directory)} if place.image_directory else {}),
        "env": [{"name": name, "value": _literal(value)} for name, value in variables.items()],
        "envFrom": [{"secretRef": {"name": _secret(job)}}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": volume, "mountPath": mounted}],
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": volume, "persistentVolumeClaim": {"claimName": f"{PREFIX}-{volume}"}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": PREFIX}},
        "spec": {
            "schedule": expression(entry),
            "timeZone": entry.time_zone,
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {
                "spec": {"backoffLimit": 0, "activeDeadlineSeconds": job.seconds, "template": {"spec": pod}}
            },
        },
    }


def _literal(text: str) -> str:
    """Keep Kubernetes from filling in what looks like one of its variables."""
    return text.replace("$(", "$$(")


def _secret(job: Job) -> str:
    return f"{PREFIX}-{re.sub(r'[^a-z0-9]+', '-', job.procedure.lower()).strip('-')}"


def _yaml(document: dict[str, Any]) -> str:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise DrillError(
            "writing YAML needs PyYAML, which is not installed", remedy="pip install 'dr-drill[kubernetes]'"
        ) from error

    class Dumper(yaml.SafeDumper):
        """Quotes whatever some reader of YAML might take for a number, a time or a truth."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = None if _PLAIN.fullmatch(value) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
