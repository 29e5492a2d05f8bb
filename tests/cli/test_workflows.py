"""The workflows in docs/ci are what their services read, and call only what there is."""

import re
import shlex

import pytest
import typer
import yaml
from check_jsonschema import main as check
from click.testing import CliRunner

from drill.cli import app
from tests.evidence.rehearsal import REPOSITORY

FILES = sorted((REPOSITORY / "docs" / "ci").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
NOT_FOR_DRILLS = {"python3", "python3-venv", "make", "git", "docker.io", "debootstrap", "wget", "chromium"}
"""What .ci/run installs for itself, for images and for looking at pages; the services bring it, or do without."""
NOT_ON_DEBIAN = {"debian-archive-keyring"}
KEPT = ("runs", "history.sqlite", "monthly", "allure-history.jsonl", "runbook.pdf")
"""What is kept between runs, below reports/."""
SCRIPTS = ("script", "before_script", "after_script")
PUBLISHED = {
    "github": ("--builtin-schema=vendor.github-workflows",),
    "gitlab": ("--builtin-schema=vendor.gitlab-ci", "--data-transform=gitlab-ci"),
}
"""The schemas of the services, as they publish them; they come with the program that reads them."""


def loaded(path):
    return yaml.safe_load(path.read_text("utf-8"))


def jobs(path):
    """The jobs of a workflow: GitHub keeps them below a key, GitLab beside its own words."""
    data = loaded(path)
    return data.get("jobs") or {name: job for name, job in data.items() if isinstance(job, dict) and "script" in job}


def commands(path):
    """Every line of shell in a workflow."""
    data = loaded(path)
    scripts = [step["run"] for job in data.get("jobs", {}).values() for step in job["steps"] if "run" in step]
    for table in [data.get("default", {}), *jobs(path).values()]:
        scripts += [line for key in SCRIPTS for line in table.get(key, [])]
    return [line.strip() for script in scripts for line in script.splitlines()]


def missing(line):
    """What a line of shell calls that there is not."""
    words = [re.sub(r"\$\{?\w+\}?", "x", word) for word in shlex.split(line)]
    for place, word in enumerate(words):
        if word == "make":
            yield from {words[place + 1]} - TARGETS
        if word.endswith("dr-drill"):
            yield from _unknown(typer.main.get_command(app), words[place + 1 :])


def _unknown(command, words):
    # Asked, not looked up: a command is loaded when it is called.
    while words and hasattr(command, "commands") and (below := command.get_command(None, words[0])) is not None:
        command, words = below, words[1:]
    if words and not words[0].startswith("--") and hasattr(command, "commands"):
        yield words[0]
    known = {option for parameter in command.params for option in parameter.opts}
    yield from (word for word in words if word.startswith("--") and word not in known)


def test_there_is_one_for_each_service_and_use():
    assert ["github-gate.yml", "github-monthly.yml", "github-nightly.yml", "gitlab-ci.yml"] == [
        path.name for path in FILES
    ]


def refused(path):
    """What the service's schema has against a workflow; nothing where it is one."""
    checked = CliRunner().invoke(check, [*PUBLISHED[path.name.partition("-")[0]], str(path)])
    return checked.output if checked.exit_code else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_is_one_by_the_schema_that_its_service_publishes(path):
    assert "" == refused(path)


@pytest.mark.parametrize(
    ("name", "word", "slip"),
    [
        ("github-gate.yml", "runs-on:", "run-on:"),
        ("github-nightly.yml", "timeout-minutes: 180", "timeout-minutes: soon"),
        ("github-monthly.yml", "permissions:", "permission:"),
        ("gitlab-ci.yml", "stage: ", "stage: 1 # "),
        ("gitlab-ci.yml", "when: always", "when: alwys"),
    ],
)
def test_a_slip_in_a_workflow_is_seen(tmp_path, name, word, slip):
    text = (REPOSITORY / "docs" / "ci" / name).read_text("utf-8")
    (tmp_path / name).write_text(text.replace(word, slip), "utf-8")

    assert word in text
    assert "Schema validation errors" in refused(tmp_path / name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_calls_only_what_there_is(path):
    lines = commands(path)

    assert any("dr-drill " in line for line in lines)
    assert [] == [name for line in lines for name in missing(line)]


@pytest.mark.parametrize("line", ["make drlil", "dr-drill gaet", "dr-drill gate --junt x", "dr-drill history imprt x"])
def test_a_call_of_what_there_is_not_is_seen(line):
    assert [] != list(missing(line))


@pytest.mark.parametrize("name", ["github-nightly.yml", "gitlab-ci.yml"])
def test_a_drill_runs_by_a_schedule_one_at_a_time_and_signed(name):
    path = REPOSITORY / "docs" / "ci" / name
    text = path.read_text("utf-8")

    assert any("make nightly" in line for line in commands(path))
    assert "schedule" in text
    assert "concurrency" in text or "resource_group" in text
    assert "DR_DRILL_SIGNING_KEY=" in "\n".join(commands(path))


@pytest.mark.parametrize("name", ["github-nightly.yml", "gitlab-ci.yml"])
def test_a_drill_has_every_program_that_our_own_checks_install_for_drills(name):
    text = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    (by_program,) = re.findall(r"for need in (.+?); do", text, re.DOTALL)
    ours = {word for group in re.findall(r"missing\+=\(([^)$]+)\)", text) for word in group.split()}
    ours |= set(re.findall(r"\S+:(\S+)", by_program))
    (line,) = (line for line in commands(REPOSITORY / "docs" / "ci" / name) if "apt-get install" in line)
    installed = {word for word in line.partition("apt-get install")[2].split() if not word.startswith("-")}

    assert {"qemu-system-x86", "logrotate"} <= ours
    assert ours - NOT_FOR_DRILLS == installed - NOT_ON_DEBIAN


@pytest.mark.parametrize("name", ["github-gate.yml", "github-nightly.yml", "gitlab-ci.yml"])
def test_the_gate_decides_after_a_drill_and_before_a_release(name):
    assert any("dr-drill gate" in line for line in commands(REPOSITORY / "docs" / "ci" / name))


@pytest.mark.parametrize("name", ["github-monthly.yml", "gitlab-ci.yml"])
def test_a_report_is_written_every_month_in_both_languages(name):
    path = REPOSITORY / "docs" / "ci" / name
    lines = commands(path)

    assert {"dr-drill report", "dr-drill report --lang vi"} <= {line.removeprefix(".venv/bin/") for line in lines}
    assert "schedule" in path.read_text("utf-8")


@pytest.mark.parametrize("name", ["github-monthly.yml", "gitlab-ci.yml"])
def test_evidence_that_does_not_hold_keeps_no_report_from_being_written_and_kept(name):
    path = REPOSITORY / "docs" / "ci" / name
    *_, last = (job for job in jobs(path).values() if "evidence verify" in str(job))
    written, judged = (path.read_text("utf-8").rindex(words) for words in ("dr-drill report", "evidence verify"))

    assert written < judged
    if "steps" in last:
        assert "evidence verify" in last["steps"][-1]["run"]
    else:
        assert ["always"] * 2 == [last["artifacts"]["when"], last["cache"]["when"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_reports_are_kept_beside_the_runs(path):
    """Whether they were written in time is judged from them."""
    text = path.read_text("utf-8")

    assert text.count("reports/monthly") >= text.count("reports/history.sqlite")


def kept(path):
    """What each cache of a workflow holds."""
    for job in jobs(path).values():
        caches = [step["with"]["path"] for step in job.get("steps", []) if "actions/cache" in step.get("uses", "")]
        yield from (frozenset(paths.split()) for paths in caches)
        if "cache" in job:
            yield frozenset(job["cache"]["paths"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_kept_between_runs_is_named_alike_everywhere(path):
    """A service's cache of other paths is another cache, in which the gate would find no evidence."""
    paths = frozenset(f"reports/{name}" for name in KEPT)

    assert {paths} == set(kept(path))


@pytest.mark.parametrize("name", ["github-nightly.yml", "gitlab-ci.yml"])
def test_a_nightly_drill_leaves_every_step_on_one_page_and_what_to_do_in_a_disaster(name):
    path = REPOSITORY / "docs" / "ci" / name
    written = {line.removeprefix(".venv/bin/dr-drill ") for line in commands(path)}

    assert {"allure", "runbook --output reports/runbook.pdf"} <= {line.removeprefix("run: ") for line in written}
    assert all(name in path.read_text("utf-8") for name in ("reports/allure.html", "reports/runbook.pdf"))


CHECK = "dr-drill runbook --check reports/runbook.pdf"


@pytest.mark.parametrize("name", ["github-monthly.yml", "github-gate.yml", "gitlab-ci.yml"])
def test_a_runbook_that_is_out_of_date_is_a_finding(name):
    assert any(CHECK in line for line in commands(REPOSITORY / "docs" / "ci" / name))


@pytest.mark.parametrize("name", ["github-gate.yml", "gitlab-ci.yml"])
def test_a_change_of_the_policy_can_be_merged_and_not_released_before_the_next_drill_has_written_the_runbook(name):
    """The drill that writes it anew runs on the default branch, where the change is only once it was merged."""
    path = REPOSITORY / "docs" / "ci" / name
    steps = [step for step in jobs(path)["gate"].get("steps", []) if CHECK in step.get("run", "")]
    conditions = [step.get("if", "") for step in steps]
    conditions += [line for line in jobs(path)["gate"].get("script", []) if CHECK in line]

    assert [True] == [any(word in each for word in ("release", "CI_COMMIT_TAG")) for each in conditions]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_github_jobs_name_a_machine_and_steps_that_do_one_thing(path):
    data = loaded(path)
    for job in data.get("jobs", {}).values():
        assert {"runs-on", "steps", "timeout-minutes"} <= job.keys()
        assert [True] * len(job["steps"]) == [("run" in step) != ("uses" in step) for step in job["steps"]]
    # YAML 1.1 reads the key "on" as a truth.
    assert "gitlab" in path.name or {"name", True, "permissions", "jobs"} <= data.keys()


def test_gitlab_jobs_belong_to_a_stage_and_begin_under_conditions():
    path = REPOSITORY / "docs" / "ci" / "gitlab-ci.yml"

    assert loaded(path)["stages"] == [job["stage"] for job in jobs(path).values()]
    assert all(job["rules"] and job["script"] for job in jobs(path).values())
