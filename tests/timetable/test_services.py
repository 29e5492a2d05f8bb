"""Whatever receives a server's log is kept running by systemd, and is back sooner than the policy counts on."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from drill.timetable import Place
from drill.timetable.jobs import receivers
from drill.timetable.systemd import services
from tests.procedures import SHIPPED

NEEDS_SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
NAME = "dr-drill-postgres-streaming-receive.service"


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path / "100% drill", environment=Path("/etc/dr-drill"), search_path="/usr/bin:/bin")


def test_the_receiver_is_started_again_whatever_it_died_of_and_never_given_up(place):
    ((name, text),) = services(receivers(SHIPPED), place).items()
    lines = text.splitlines()

    assert NAME == name
    assert {"Restart=always", "RestartSec=5", "StartLimitIntervalSec=0", "WantedBy=multi-user.target"} <= set(lines)
    assert 'ExecStart=/usr/bin/env "BACKUP_SET=postgres-streaming" "postgres_wal" "receive"' in lines
    assert f'Environment="PATH={str(place.directory / "backup_scripts").replace("%", "%%")}:/usr/bin:/bin"' in lines


@pytest.mark.parametrize(("back_within", "seconds"), [(timedelta(minutes=2), "10"), (timedelta(seconds=6), "0.5")])
def test_how_long_it_waits_follows_from_the_policy(place, back_within, seconds):
    streaming = SHIPPED.procedures["postgres-streaming"].model_copy(update={"receiver_restart": back_within})
    policy = SHIPPED.model_copy(update={"procedures": {**SHIPPED.procedures, "postgres-streaming": streaming}})

    assert f"RestartSec={seconds}" in services(receivers(policy), place)[NAME].splitlines()


def test_a_policy_that_streams_nothing_has_nothing_to_keep_running():
    scheduled = tuple(each for each in SHIPPED.schedule if each.procedure != "postgres-streaming")

    assert [] == receivers(SHIPPED.model_copy(update={"schedule": scheduled}))


@NEEDS_SYSTEMD
def test_systemd_itself_finds_nothing_wrong(tmp_path):
    place = Place(tmp_path, environment=Path("/etc/dr-drill"), search_path="/usr/bin:/bin")
    (tmp_path / NAME).write_text(services(receivers(SHIPPED), place)[NAME], "utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / NAME)], capture_output=True, text=True
    )

    assert (0, "") == (said.returncode, "".join(line for line in said.stderr.splitlines() if "dr-drill" in line))
