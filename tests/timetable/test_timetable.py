"""The schedule for cron, systemd and Kubernetes: the same times, the same commands, and no secrets."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
import yaml
from cronsim import CronSim
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from drill.cli import app
from drill.consistency.timing import clock_changes
from drill.errors import DrillError
from drill.policy import Command, Schedule
from drill.policy.schedule import firings
from drill.timetable import Place, jobs
from drill.timetable.crontab import FILE, crontab
from drill.timetable.jobs import beside
from drill.timetable.kubernetes import expression, manifests
from drill.timetable.systemd import calendar, units
from tests.procedures import SHIPPED, TELL_ENVIRONMENT

ALL = (*SHIPPED.schedule, *SHIPPED.routines)
HANOI, BERLIN = "Asia/Ho_Chi_Minh", "Europe/Berlin"
YEAR = timedelta(days=366)
# Not the first moment in UTC: the policy's times begin with the local day, which begins later in the west.
NEW_YEAR = datetime(2028, 1, 2, tzinfo=UTC)
CHANGES = [datetime(2028, 3, 25, tzinfo=UTC), datetime(2028, 10, 28, tzinfo=UTC)]
"""A day before the clocks of Berlin are changed."""
NEEDS_SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def entry(cron, zone=HANOI, procedure="redis", action="backup"):
    return Schedule.model_construct(
        procedure=procedure, action=action, cron=cron, time_zone=zone, frequency="monthly", origin="document"
    )


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, environment=tmp_path, search_path=os.environ["PATH"], image="ops/backup:1.4")


def with_command(text, **facts):
    changed = SHIPPED.procedures["redis"].model_copy(update={"backup": Command.parse(text)} | facts)
    policy = SHIPPED.model_copy(update={"procedures": {**SHIPPED.procedures, "redis": changed}, "routines": ()})
    return policy.with_schedule([entry("0 2 * * *")])


def policy_times(cron, zone, *, after, number):
    moments = (moment for moment in firings(cron, ZoneInfo(zone)) if moment > after)
    return list(islice(moments, number))


def cron_lines(text):
    """Yield time zone, expression and command of a crontab, as cronie reads it."""
    zone = None
    for line in text.splitlines():
        if line.startswith("CRON_TZ="):
            zone = line.partition("=")[2]
        elif line and not line.startswith("#") and not re.match(r"[A-Z]+=", line):
            *fields, command = line.split(None, 5)
            yield zone, " ".join(fields), command


# --- times -----------------------------------------------------------------------------------------------------------


def test_a_crontab_fires_when_the_policy_does(place):
    lines = list(cron_lines(crontab(jobs(SHIPPED), place)[FILE]))

    assert sorted((each.time_zone, each.cron) for each in ALL) == sorted(line[:2] for line in lines)
    for zone, cron, _ in lines:
        start = NEW_YEAR.astimezone(ZoneInfo(zone))
        fired = [moment.astimezone(UTC) for moment in islice(CronSim(cron, start), 400)]
        assert policy_times(cron, zone, after=NEW_YEAR, number=400) == fired


def test_each_time_zone_of_a_crontab_has_its_own_lines(place):
    policy = SHIPPED.with_routines([]).with_schedule(
        [entry("0 2 * * *", BERLIN), entry("0 3 * * *"), entry("0 4 * * *", BERLIN)]
    )
    lines = [(zone, cron) for zone, cron, _ in cron_lines(crontab(jobs(policy), place)[FILE])]

    assert [(BERLIN, "0 2 * * *"), (BERLIN, "0 4 * * *"), (HANOI, "0 3 * * *")] == lines


def systemd_times(events, *, after, number):
    """Return when systemd itself says that a timer of these events elapses."""
    found = set()
    for event in events:
        command = ["systemd-analyze", "calendar", f"--iterations={number}", f"--base-time={after:%F %T} UTC", event]
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}
        )
        for moment in re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", said.stdout):
            found.add(datetime.strptime(moment, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    return sorted(found)[:number]


@NEEDS_SYSTEMD
@pytest.mark.parametrize("each", ALL, ids=lambda each: f"{getattr(each, 'procedure', 'routine')} {each.cron}")
def test_systemd_elapses_when_the_policy_fires_for_a_year(each):
    number = 366 if each.cron.split()[1].isdigit() and each.frequency != "monthly" else 60

    assert policy_times(each.cron, each.time_zone, after=NEW_YEAR, number=number) == systemd_times(
        calendar(each), after=NEW_YEAR, number=number
    )


TIMES = st.sampled_from(["0", "7,52", "*/20", "*", "5-59/15", "58,59"])
HOURS = st.sampled_from(["*", "4", "*/6", "8-17", "5,6,7", "23"])
DAYS = st.sampled_from(["*", "1", "*/2", "28-31", "13"])
MONTHS = st.sampled_from(["*", "3,10", "JAN-JUN"])
WEEKDAYS = st.sampled_from(["*", "SUN", "MON-FRI", "7", "0,3"])
CRONS = st.builds(lambda *fields: " ".join(fields), TIMES, HOURS, DAYS, MONTHS, WEEKDAYS)
ZONES = st.sampled_from([HANOI, BERLIN, "America/New_York", "Asia/Kolkata", "UTC"])


@NEEDS_SYSTEMD
# Not made smaller when it fails: systemd takes minutes for a date that never comes.
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(CRONS, ZONES, st.sampled_from([NEW_YEAR, *CHANGES]))
def test_systemd_elapses_when_the_policy_fires_whatever_is_written(cron, zone, after):
    written = entry(cron, zone)
    assume(not list(clock_changes(SHIPPED.with_schedule([written]))))
    number = 60

    assert policy_times(cron, zone, after=after, number=number) == systemd_times(
        calendar(written), after=after, number=number
    )


@NEEDS_SYSTEMD
@pytest.mark.parametrize("cron", ["*/15 * * * *", "10 * * * *", "0,30 */1 * * *"])
@pytest.mark.parametrize("after", CHANGES)
def test_what_runs_every_hour_does_so_while_clocks_are_changed(cron, after):
    assert policy_times(cron, BERLIN, after=after, number=150) == systemd_times(
        calendar(entry(cron, BERLIN)), after=after, number=150
    )


@NEEDS_SYSTEMD
def test_a_time_at_which_clocks_are_changed_is_one_that_systemd_leaves_out():
    written = entry("30 2 * * *", BERLIN)

    assert list(clock_changes(SHIPPED.with_schedule([written])))
    assert policy_times(written.cron, BERLIN, after=CHANGES[0], number=3) != systemd_times(
        calendar(written), after=CHANGES[0], number=3
    )


@pytest.mark.parametrize(
    ("cron", "zone", "events"),
    [
        ("0 2 * * *", HANOI, ["*-*-* 02:00:00 Asia/Ho_Chi_Minh"]),
        ("*/15 * * * *", BERLIN, ["*-*-* *:00,15,30,45:00 UTC"]),
        ("10 * * * *", "Asia/Kolkata", ["*-*-* *:40:00 UTC"]),
        ("10 * * * *", "Australia/Lord_Howe", ["*-*-* *:10:00 Australia/Lord_Howe"]),
        ("0 4 * * 7", HANOI, ["Sun *-*-* 04:00:00 Asia/Ho_Chi_Minh"]),
        ("0 4 1-3,7 * *", HANOI, ["*-*-01..03,07 04:00:00 Asia/Ho_Chi_Minh"]),
        ("0 4 1 * MON", HANOI, ["Mon *-*-* 04:00:00 Asia/Ho_Chi_Minh", "*-*-01 04:00:00 Asia/Ho_Chi_Minh"]),
    ],
)
def test_a_time_is_written_as_systemd_knows_it(cron, zone, events):
    assert events == calendar(entry(cron, zone))


@pytest.mark.parametrize(
    ("cron", "written"),
    [
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 2 * * MON-FRI", "0 2 * * MON-FRI"),
        ("0 2 * * 7", "0 2 * * 0"),
        ("0 2 * * 5-7", "0 2 * * 0,5,6"),
        ("0 2 1 * MON", "0 2 1 * MON"),
    ],
)
def test_a_time_is_written_as_kubernetes_knows_it(cron, written):
    assert written == expression(entry(cron))
    assert policy_times(cron, HANOI, after=NEW_YEAR, number=200) == policy_times(
        written, HANOI, after=NEW_YEAR, number=200
    )


def test_a_step_of_days_beside_weekdays_is_refused_for_kubernetes():
    with pytest.raises(DrillError, match="to Kubernetes one of them would be enough"):
        expression(entry("0 2 */2 * MON"))


@pytest.mark.parametrize("cron", ["0 2 L * *", "0 2 * * 5L", "0 2 * * 1#2", "0 2 LW * *"])
def test_a_time_that_not_every_scheduler_knows_is_refused(cron):
    with pytest.raises(DrillError, match="a last, nth or nearest day"):
        jobs(SHIPPED.with_schedule([entry(cron)]))


@pytest.mark.parametrize("cron", ["0 2 * JUL WED", "0 2 * * wed"])
def test_the_name_of_a_day_is_no_special_day(cron):
    assert 1 == len(jobs(SHIPPED.with_routines([]).with_schedule([entry(cron)])))


# --- commands --------------------------------------------------------------------------------------------------------


def test_cron_runs_the_command_with_what_policy_and_file_say(tmp_path, place):
    (tmp_path / "redis.env").write_text("BACKUP_REPOSITORY='/srv/the backups'\nREDISCLI_AUTH='pass$word 100%'\n")
    ((_, _, command),) = cron_lines(crontab(jobs(with_command(TELL_ENVIRONMENT + " 'a % b'")), place)[FILE])
    said = subprocess.run(
        ["/bin/sh", "-c", command.replace(r"\%", "%")],
        capture_output=True,
        check=True,
        env={"PATH": place.search_path},
    )
    told = json.loads(said.stdout)

    assert "%" not in re.sub(r"\\%", "", command)
    assert {"BACKUP_SET": "redis", "RETENTION_DAYS": "30", "REDISCLI_AUTH": "pass$word 100%"}.items() <= told.items()
    assert "/srv/the backups" == told["BACKUP_REPOSITORY"]


def test_cron_ends_a_command_at_its_time_limit(tmp_path, place):
    (tmp_path / "redis.env").write_text("")
    slow = with_command("tail -f /dev/null", time_limit=timedelta(milliseconds=300))
    ((_, _, command),) = cron_lines(crontab(jobs(slow), place)[FILE])

    assert 124 == subprocess.run(["/bin/sh", "-c", command], env={"PATH": place.search_path}).returncode


def test_a_backup_is_told_its_place_in_the_schedule_and_nothing_else_is():
    told = {job.name: job.variables.get("BACKUP_TIER") for job in jobs(SHIPPED)}

    assert {"daily", "hourly"} == {told["dr-drill-redis-backup"], told["dr-drill-redis-backup-hourly"]}
    assert ("weekly", "daily") == (told["dr-drill-user-data-backup"], told["dr-drill-configuration-incremental"])
    assert {None} == {tier for name, tier in told.items() if name.endswith(("-prune", "-verify", "-copy"))}
    assert len(ALL) == sum(len(job.times) for job in jobs(SHIPPED))


def test_without_its_file_of_variables_a_job_does_not_start(place):
    ((_, _, command),) = cron_lines(crontab(jobs(with_command("echo started")), place)[FILE])
    said = subprocess.run(["/bin/sh", "-c", command], capture_output=True, env={"PATH": place.search_path})

    assert (b"", True) == (said.stdout, said.returncode != 0)


def test_a_line_s_end_in_a_command_is_refused_for_cron(place):
    with pytest.raises(DrillError, match="has a line's end in it; put it into a script"):
        crontab(jobs(with_command("sh -c 'a\nb'")), place)


@NEEDS_SYSTEMD
def test_systemd_itself_finds_nothing_wrong(tmp_path, place):
    files = units(jobs(SHIPPED), place, beside=beside(SHIPPED))
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
    )

    assert (0, "") == (said.returncode, "".join(line for line in said.stderr.splitlines() if "dr-drill" in line))
    assert 2 * len(jobs(SHIPPED)) == len(files)


@NEEDS_SYSTEMD
def test_systemd_itself_would_find_a_time_that_is_none(tmp_path, place):
    files = units(jobs(SHIPPED), place)
    timer = tmp_path / "dr-drill-redis-backup.timer"
    timer.write_text(files[timer.name].replace("02:00:00", "26:00:00"), "utf-8")
    (tmp_path / "dr-drill-redis-backup.service").write_text(files["dr-drill-redis-backup.service"], "utf-8")
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", str(timer)], capture_output=True, text=True)

    assert "Failed to parse calendar specification" in said.stderr


def test_systemd_is_given_words_and_nothing_to_fill_in(place):
    text = units(jobs(with_command("""prog 'two words' '"quoted"' '$HOME' '100%' 'back\\slash'""")), place)
    service = text["dr-drill-redis-backup.service"]

    assert (
        'ExecStart=/usr/bin/env "BACKUP_SET=redis" "BACKUP_TIER=monthly" "RETENTION_DAYS=30" "prog" "two words" '
        '"\\"quoted\\"" "$$HOME" "100%%" "back\\\\slash"'
    ) in service.splitlines()
    assert "TimeoutStartSec=600" in service


def documents(policy, place):
    return {name: yaml.safe_load(text) for name, text in manifests(jobs(policy), place).items()}


def test_kubernetes_is_given_a_whole_cron_job_for_each_time(place):
    found = documents(SHIPPED, place)

    assert len(ALL) == len(found)
    assert sorted((each.cron, each.time_zone) for each in ALL) == sorted(
        (each["spec"]["schedule"], each["spec"]["timeZone"]) for each in found.values()
    )
    for name, document in found.items():
        spec = document["spec"]["jobTemplate"]["spec"]
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        assert ("batch/v1", "CronJob") == (document["apiVersion"], document["kind"])
        assert f"{document['metadata']['name']}.yaml" == name
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?", document["metadata"]["name"])
        assert ("Never", "Forbid") == (pod["restartPolicy"], document["spec"]["concurrencyPolicy"])
        longest = {"verify": 7200, "drill": 14400}.get(name.removesuffix(".yaml").rpartition("-")[2], 1800)
        assert 240 <= spec["activeDeadlineSeconds"] <= longest
        assert "ops/backup:1.4" == container["image"]
        assert all(isinstance(word, str) for word in container["command"])
        assert all(isinstance(variable["value"], str) for variable in container["env"])
        assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}


def test_kubernetes_reads_every_word_as_it_is_written(place):
    words = ["prog", "yes", "1e3", "0o14", "12:30", "~", "a: b", "# no", "'", "$(HOME)", "é", "{x", "-", ""]
    command = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    (document,) = documents(with_command(command.replace("{x", "x")), place).values()
    container = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    (text,) = manifests(jobs(with_command("prog 1e3")), place).values()

    assert [word.replace("$(", "$$(").replace("{x", "x") for word in words] == container["command"]
    assert '- "1e3"' in text, "a number to some readers of YAML"


@pytest.mark.parametrize(
    ("image", "what"), [(None, "no image for the containers"), ("ops/backup", "names no fixed version")]
)
def test_kubernetes_needs_an_image_that_stays_the_same(tmp_path, image, what):
    nowhere = Place(tmp_path, environment=tmp_path, search_path="/bin", image=image)

    with pytest.raises(DrillError, match=what):
        manifests(jobs(SHIPPED), nowhere)


def test_a_command_that_wants_what_only_a_drill_knows_is_refused():
    with pytest.raises(DrillError, match=r"wants \{parent_id\}, which is not known when it is scheduled"):
        jobs(with_command("save --since {parent_id}"))


def test_nothing_to_schedule_is_an_error():
    with pytest.raises(DrillError, match="nothing is scheduled"):
        jobs(SHIPPED.with_schedule([]).with_routines([]))


def test_names_that_would_be_the_same_are_refused():
    procedures = {"a b": SHIPPED.procedures["redis"], "a-b": SHIPPED.procedures["redis"]}
    policy = SHIPPED.model_copy(update={"procedures": procedures})

    with pytest.raises(DrillError, match="two jobs would be called dr-drill-a-b-backup"):
        jobs(policy.with_schedule([entry("0 2 * * *", procedure="a b"), entry("0 2 * * *", procedure="a-b")]))


# --- the command -----------------------------------------------------------------------------------------------------


def run(*words):
    return CliRunner().invoke(app, ["schedule", "--policy", str(SHIPPED.file), *words])


@pytest.mark.parametrize("scheduler", ["crontab", "systemd", "kubernetes"])
def test_no_secret_is_ever_written(scheduler, monkeypatch):
    for name in ("PGPASSWORD", "REDISCLI_AUTH", "PGBACKREST_CONFIG"):
        monkeypatch.setenv(name, "s3cr3t")
    shown = run("--format", scheduler, "--image", "ops/backup:1.4")

    assert (0, "") == (shown.exit_code, shown.stderr)
    assert "REDISCLI_AUTH" in shown.stdout
    assert "s3cr3t" not in shown.stdout


def test_standard_output_is_one_stream_of_manifests():
    read = list(yaml.safe_load_all(run("--format", "kubernetes", "--image", "ops/backup:1.4").stdout))

    assert len(ALL) == len(read)


@pytest.mark.parametrize(("scheduler", "name"), [("crontab", FILE), ("systemd", "dr-drill-redis-prune.timer")])
def test_files_are_written_where_they_are_wanted(tmp_path, scheduler, name):
    shown = run("--format", scheduler, "--output", str(tmp_path / "new"))
    again = run("--format", scheduler, "--output", str(tmp_path / "new"))

    assert (0, shown.stdout) == (again.exit_code, again.stdout)
    assert (tmp_path / "new" / name).is_file()
    assert not [path for path in (tmp_path / "new").iterdir() if path.name.startswith(".")]


def test_a_place_that_cannot_be_written_to_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    refused = run("--format", "crontab", "--output", str(tmp_path / "file"))

    assert 2 == refused.exit_code
    assert "cannot be written to" in refused.stderr


def test_another_scheduler_is_wrong_usage():
    assert 2 == run("--format", "airflow").exit_code


def test_a_time_in_doubt_is_written_with_a_warning(tmp_path):
    text = SHIPPED.file.read_text("utf-8").replace(
        f'"20 3 * * *"\ntime_zone = "{HANOI}"', f'"20 2 * * *"\ntime_zone = "{BERLIN}"'
    )
    (tmp_path / "docs/source").mkdir(parents=True)
    shutil.copy(SHIPPED.directory / SHIPPED.document.source, tmp_path / SHIPPED.document.source)
    (tmp_path / "policy.toml").write_text(text, "utf-8")
    shown = CliRunner().invoke(app, ["schedule", "--format", "crontab", "--policy", str(tmp_path / "policy.toml")])

    assert 0 == shown.exit_code
    assert "warning: clock-change:postgres-prune" in shown.stderr
