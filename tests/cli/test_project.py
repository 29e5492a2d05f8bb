"""``dr-drill project``: from the records of several runs to a verdict about production's size."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence.journal import Journal
from drill.evidence.record import EngineRecord
from drill.evidence.verdict import Verdict
from tests.evidence.examples import report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import BEGINNING, DOCKER, finished
from tests.procedures import SHIPPED

POLICY = ["--policy", str(REPOSITORY / "policy.toml")]


def ran(
    reports, megabytes, seconds, *, night, verdict=Verdict.PROVEN, of=("RTO-DB", "postgres"), runtime=DOCKER, phases=()
):
    """One night's run, which measured one size; phases are given as parts of it."""
    criterion, procedure = of
    journal = Journal()
    journal.measure(
        criterion,
        timedelta(seconds=seconds),
        source_bytes=megabytes * 10**6,
        procedure=procedure,
        phases={name: timedelta(seconds=seconds * part) for name, part in dict(phases).items()},
    )
    scenario = report("a", criterion, verdict=verdict, measurements=journal.measurements)
    finished(reports, scenario, at=BEGINNING + timedelta(days=night), runtime=runtime)


@pytest.fixture
def reports(tmp_path):
    for night in range(4):
        ran(tmp_path, 100 * 2**night, 2.0**night, night=night)
    return tmp_path


def project(reports, *options):
    return CliRunner().invoke(app, ["project", "--reports", str(reports), *POLICY, *options])


def test_sizes_of_several_runs_make_one_projection(reports):
    told = project(reports, "--criterion", "RTO-DB")

    assert 0 == told.exit_code, told.output
    assert "RTO-DB by postgres, on docker, PostgreSQL 18.6" in told.output
    assert "625 times the largest measured (4 measurements at 4 sizes up to 800 MB)" in told.output
    assert "within 4 h, up to 1.44 TB (95 %)" in told.output


REDIS = EngineRecord(engine="redis", product="Redis 8.0.6", origin="redis:8", digest=None)


@pytest.mark.parametrize(
    ("criterion", "procedure", "servers", "within"),
    [
        ("RTO-CACHE", "redis", "docker, Redis 8.0.6", "within 4 h, up to 1.44 TB (95 %)"),
        ("DUR-CACHE", "redis", "docker, Redis 8.0.6", "within 2 h, up to 720 GB (95 %)"),
        ("RTO-NON-CRITICAL", "logs", "docker", "within 24 h, up to 8.64 TB (95 %)"),
    ],
)
def test_caches_and_files_are_projected_whatever_other_servers_a_run_had(
    tmp_path, criterion, procedure, servers, within
):
    for night in range(4):
        engines = (REDIS, *DOCKER.engines) if night % 2 else (REDIS,)
        beside = DOCKER.model_copy(update={"engines": engines})
        ran(tmp_path, 100 * 2**night, 2.0**night, night=night, of=(criterion, procedure), runtime=beside)
    told = project(tmp_path, "--size", "50GB")

    assert 0 == told.exit_code, told.output
    assert f"{criterion} by {procedure}, on {servers}\n" in told.output
    assert "(4 measurements at 4 sizes up to 800 MB)" in told.output
    assert within in told.output


def test_the_same_procedure_on_another_server_is_another_line(tmp_path):
    for night in range(4):
        other = REDIS.model_copy(update={"product": "Valkey 9.1"}) if night % 2 else REDIS
        beside = DOCKER.model_copy(update={"engines": (other,)})
        ran(tmp_path, 100 * 2**night, 2.0**night, night=night, of=("RTO-CACHE", "redis"), runtime=beside)
    told = project(tmp_path)

    assert 3 == told.exit_code
    assert 2 == told.output.count("4 sizes are needed")


def test_another_size_can_be_asked_for_and_breaks_the_promise(reports):
    told = project(reports, "--size", "2TB", "--json")
    (found,) = json.loads(told.output)["projections"]

    assert 1 == told.exit_code
    assert ("disproven", 2 * 10**12, 20_000) == (found["verdict"], found["size"], round(found["bound_seconds"]))


def test_too_few_sizes_cannot_be_told(tmp_path):
    ran(tmp_path, 100, 1.0, night=0)
    told = project(tmp_path)

    assert 3 == told.exit_code
    assert "4 sizes are needed, next at about 400 MB" in told.output


def test_what_a_disproven_run_measured_counts_for_nothing(tmp_path):
    for night in range(4):
        ran(tmp_path, 100 * 2**night, 2.0**night, night=night, verdict=Verdict.DISPROVEN)

    assert 2 == project(tmp_path).exit_code


@pytest.mark.parametrize(
    ("options", "said"), [(["--size", "much"], "'much' is no size"), (["--criterion", "RTO-BD"], "RTO-DB")]
)
def test_what_cannot_be_is_said(reports, options, said):
    told = project(reports, *options)

    assert 2 == told.exit_code
    assert said in told.output


def test_the_picture_is_the_same_every_time(reports, tmp_path):
    drawn = []
    for name in ("first", "second"):
        assert 0 == project(reports, "--criterion", "RTO-DB", "--plot", str(tmp_path / name)).exit_code
        drawn.append((tmp_path / name / "RTO-DB-postgres.svg").read_bytes())

    assert drawn[0] == drawn[1]
    assert b"promised: &lt; 4 h" in drawn[0]
    assert b"upper bound, 95 %" in drawn[0]


PARTS = {"restore": 0.75, "replay": 0.25}


@pytest.fixture
def in_phases(tmp_path):
    for night in range(4):
        ran(tmp_path, 100 * 2**night, 2.0**night, night=night, phases=PARTS)
    return tmp_path


def test_the_phases_of_each_size_and_of_production_s_are_told(in_phases):
    told = project(in_phases, "--criterion", "RTO-DB").output

    assert "100 MB: restore 0.75 s, replay 0.25 s" in told
    assert "800 MB: restore 6.00 s, replay 2.00 s" in told
    assert "500 GB, at most: restore 1 h, replay 20.8 min" in told


def test_the_phases_are_in_the_data(in_phases):
    (found,) = json.loads(project(in_phases, "--criterion", "RTO-DB", "--json").output)["projections"]

    assert list(PARTS) == list(found["phases"])
    assert [[10**8, 0.25], [2 * 10**8, 0.5], [4 * 10**8, 1.0], [8 * 10**8, 2.0]] == (
        found["phases"]["replay"]["measurements"]
    )
    assert 1250 == round(found["phases"]["replay"]["bound_seconds"])


def test_the_phases_are_in_the_picture(in_phases, tmp_path):
    assert 0 == project(in_phases, "--criterion", "RTO-DB", "--plot", str(tmp_path / "plots")).exit_code
    drawn = (tmp_path / "plots" / "RTO-DB-postgres.svg").read_text("utf-8")

    assert [] == [text for text in ("replay", "100 MB", "seconds, phase by phase") if f">{text}<" not in drawn]


def measured_all(reports, *, without=()):
    """A night that measured every step of the recovery, at four sizes up to production's."""
    journal = Journal()
    for step in SHIPPED.recovery:
        if step.procedure not in without:
            criterion = next(each.id for each in SHIPPED.criteria if each.tier == step.tier)
            for part in (1, 2, 4, 8):
                size = SHIPPED.production[step.procedure] // 8 * part
                journal.measure(criterion, timedelta(minutes=part), source_bytes=size, procedure=step.procedure)
    finished(reports, report("a", "RTO-DB", measurements=journal.measurements))


def test_a_tier_is_back_at_the_end_of_the_longest_way_through_the_order_of_recovery(tmp_path):
    measured_all(tmp_path)
    told = project(tmp_path, "--json")
    critical, important, _ = json.loads(told.output)["tiers"]

    assert 0 == told.exit_code, told.output
    assert ("critical", 5 * 480, 8 * 480) == (
        critical["tier"], round(critical["bound_seconds"]), round(critical["one_at_a_time_seconds"])
    )  # fmt: skip
    assert ["system", "network-configuration", "configuration", "postgres-physical", "application-state"] == (
        critical["way"]
    )
    assert ("proven", 4 * 480) == (important["verdict"], round(important["bound_seconds"]))


def test_a_tier_with_a_step_of_which_nothing_can_be_said_is_unproven_and_the_step_named(tmp_path):
    measured_all(tmp_path, without=("source-code",))
    told = project(tmp_path)

    assert 3 == told.exit_code
    assert "all that is important, on docker, has to be back in 8 h" in told.output
    assert "not known, because nothing can be said of source-code; without them at most" in told.output
    assert 1 == told.output.count("not known, because")
