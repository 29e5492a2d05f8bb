"""The schedule for cron, systemd and Kubernetes: the same commands, with what policy and file say."""

import json
import re
import subprocess
from datetime import timedelta

import pytest
import yaml

from drill.errors import DrillError
from drill.timetable import Place, jobs
from drill.timetable.crontab import FILE, crontab
from drill.timetable.jobs import beside
from drill.timetable.kubernetes import manifests
from drill.timetable.systemd import units
from tests.procedures import SHIPPED, TELL_ENVIRONMENT
from tests.timetable.schedules import ALL, NEEDS_SYSTEMD, cron_lines, entry, with_command


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
