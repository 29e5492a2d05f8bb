"""The schedule as it is written for cron and Kubernetes is taken by cron's own program and Kubernetes' own schemas."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from drill.timetable import Place, jobs
from drill.timetable.crontab import FILE, crontab
from drill.timetable.kubernetes import manifests
from tests.procedures import SHIPPED

NEEDS_CRON = pytest.mark.skipif(shutil.which("crontab") is None, reason="crontab is not here")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, environment=tmp_path, search_path=os.environ["PATH"], image="ops/backup:1.4")


@pytest.fixture
def table(place: Place, tmp_path: Path) -> Path:
    """The crontab of the shipped policy, as a file."""
    file = tmp_path / FILE
    file.write_text(crontab(jobs(SHIPPED), place)[FILE], "utf-8")
    return file


def read_by_cron(file: Path) -> subprocess.CompletedProcess[str]:
    """Have cron's own program read a table without installing it; it cuts names off at 100 characters."""
    return subprocess.run(["crontab", "-n", file.name], cwd=file.parent, capture_output=True, text=True, check=False)


@NEEDS_CRON
def test_cron_takes_the_crontab(table):
    said = read_by_cron(table)

    assert said.returncode == 0, said.stderr


@NEEDS_CRON
def test_cron_refuses_an_hour_that_there_is_not(table):
    table.write_text(table.read_text("utf-8").replace("0 2 * * *", "0 26 * * *"), "utf-8")

    said = read_by_cron(table)

    assert said.returncode != 0
    assert "bad hour" in said.stderr


@pytest.fixture
def documents(place: Place) -> dict[str, dict]:
    return {name: yaml.safe_load(text) for name, text in manifests(jobs(SHIPPED), place).items()}


def test_every_manifest_is_a_cron_job_by_kubernetes_own_schema(documents):
    assert documents
    for document in documents.values():
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("spec", "schedul"), "0 2 * * *"),
        (("spec", "concurrencyPolicy"), ["Forbid"]),
        (("spec", "jobTemplate", "spec", "activeDeadlineSeconds"), "soon"),
        (("spec", "jobTemplate", "spec", "template", "spec", "containers"), None),
    ],
)
def test_a_manifest_that_is_none_is_refused_by_it(documents, where, value):
    document = next(iter(documents.values()))
    table = document
    for key in where[:-1]:
        table = table[key]
    table[where[-1]] = value

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
