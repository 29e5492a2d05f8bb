"""Routines: the drill and the report run by themselves, as often as is promised, whoever the scheduler is."""

import os
import tomllib

import pytest
import yaml

from drill import consistency
from drill.errors import DrillError
from drill.policy import Command, PolicyError, parse
from drill.timetable import Place, jobs
from drill.timetable.crontab import FILE, crontab
from drill.timetable.kubernetes import manifests
from drill.timetable.systemd import units
from tests.procedures import SHIPPED

WANTED = {"drill": "0 9 * * 0", "report": "0 9 1 * *"}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, environment=tmp_path, search_path=os.environ["PATH"], image="ops/backup:1.4")


def routine(name, **facts):
    (found,) = (each for each in SHIPPED.routines if each.name == name)
    return found.model_copy(update=facts)


def test_whatever_the_document_has_daily_weekly_or_monthly_is_scheduled_as_that():
    by_the_document = {each.frequency for each in (*SHIPPED.schedule, *SHIPPED.routines) if each.origin == "document"}
    monthly = {each.procedure for each in SHIPPED.schedule if each.frequency == "monthly" and each.action == "copy"}

    assert {"daily", "weekly", "monthly"} == by_the_document
    assert {each.procedure for each in SHIPPED.schedule} == monthly


def test_cron_drills_every_week_and_reports_every_month(place):
    lines = crontab(jobs(SHIPPED), place)[FILE].splitlines()

    for name, cron in WANTED.items():
        (line,) = (each for each in lines if each.startswith(f"{cron} ") and f"/{name}.env" in each)
        assert line.endswith(str(routine(name).command))


def test_systemd_drills_every_week_and_reports_every_month(place):
    files = units(jobs(SHIPPED), place)

    assert "OnCalendar=Sun *-*-* 09:00:00 Asia/Ho_Chi_Minh" in files["dr-drill-drill.timer"].splitlines()
    assert "OnCalendar=*-*-01 09:00:00 Asia/Ho_Chi_Minh" in files["dr-drill-report.timer"].splitlines()
    assert "TimeoutStartSec=14400" in files["dr-drill-drill.service"].splitlines()


def test_kubernetes_keeps_what_a_routine_leaves_on_record(place):
    found = manifests(jobs(SHIPPED), place)

    for name, cron in WANTED.items():
        spec = yaml.safe_load(found[f"dr-drill-{name}.yaml"])["spec"]
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        assert cron == spec["schedule"]
        assert [{"name": "DR_DRILL_REPORTS", "value": "/reports"}] == pod["containers"][0]["env"]
        assert [{"name": "reports", "mountPath": "/reports"}] == pod["containers"][0]["volumeMounts"]
        assert ["dr-drill-reports"] == [each["persistentVolumeClaim"]["claimName"] for each in pod["volumes"]]


@pytest.mark.parametrize(
    ("routines", "found"),
    [
        ([], {"interval:SCH-DRILL", "interval:SCH-AUDIT"}),
        ([routine("drill")], {"interval:SCH-AUDIT"}),
        ([routine("drill", cron="0 9 1 * *"), routine("report")], {"interval:SCH-DRILL"}),
        ([routine("drill", cron="0 9 1-15 * *"), routine("report")], {"interval:SCH-DRILL"}),
        ([*SHIPPED.routines], set()),
    ],
)
def test_a_routine_that_comes_too_seldom_contradicts_its_promise(routines, found):
    checked = consistency.checked(SHIPPED.with_routines(routines))

    assert found == {each.id for each in checked.contradictions if each.id.startswith("interval:")}


def test_a_routine_that_wants_what_only_a_drill_knows_is_refused():
    wanting = routine("drill", command=Command.parse("drill {backup_id}"))

    with pytest.raises(DrillError, match=r"the drill wants \{backup_id\}, which is not known when it is scheduled"):
        jobs(SHIPPED.with_routines([wanting]))


@pytest.mark.parametrize("name", ["redis", "report"])
def test_a_routine_has_a_name_of_its_own(name):
    text = SHIPPED.file.read_text("utf-8").replace('name = "drill"\n', f'name = "{name}"\n')

    with pytest.raises(PolicyError, match=f"'{name}' is taken"):
        parse(text, file=SHIPPED.file)


def test_a_routine_keeps_its_word():
    text = SHIPPED.file.read_text("utf-8").replace('"0 9 * * 0"', '"0 9 1 * *"')

    assert "0 9 1 * *" in {each["cron"] for each in tomllib.loads(text)["routines"]}
    with pytest.raises(PolicyError, match="which is not weekly"):
        parse(text, file=SHIPPED.file)
