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

POLICY = ["--policy", str(REPOSITORY / "policy.toml")]


def ran(reports, megabytes, seconds, *, night, verdict=Verdict.PROVEN, of=("RTO-DB", "postgres"), runtime=DOCKER):
    """One night's run, which measured one size."""
    criterion, procedure = of
    journal = Journal()
    journal.measure(
        criterion, timedelta(seconds=seconds), source_bytes=megabytes * 10**6, procedure=procedure, phases={}
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
    told = project(reports)

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
    (found,) = json.loads(told.output)

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
        assert 0 == project(reports, "--plot", str(tmp_path / name)).exit_code
        drawn.append((tmp_path / name / "RTO-DB-postgres.svg").read_bytes())

    assert drawn[0] == drawn[1]
    assert b"promised: &lt; 4 h" in drawn[0]
    assert b"upper bound, 95 %" in drawn[0]
