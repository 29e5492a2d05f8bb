"""What stands beside the results: environment, executor and categories."""

import json
import re
from pathlib import Path

import pytest

from drill.evidence import redaction
from drill.evidence.allure_results import empty, executor, write_metadata


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(redaction, "_secrets", {})
    redaction.conceal("s3cret-word")
    folder = tmp_path / "reports" / "allure-results"
    write_metadata(
        folder,
        {
            "Runtime": "docker",
            "PostgreSQL image": "postgres:18@sha256:abc",
            "DSN": "postgresql://shop:s3cret-word@localhost",
            "Tên": "cơ sở 🐘",
            "Path": "C:\\data\n second",
            "Indented": " two",
        },
    )
    return folder


def test_a_folder_that_another_run_is_emptying_is_empty(folder, monkeypatch):
    unlink = Path.unlink

    def too_late(path, **how):
        unlink(path)
        unlink(path, **how)

    monkeypatch.setattr(Path, "unlink", too_late)
    empty(folder)

    assert [] == list(folder.iterdir())


def test_the_environment_is_a_properties_file(folder):
    expected = [
        "Runtime=docker",
        "PostgreSQL\\ image=postgres:18@sha256:abc",
        "DSN=postgresql://shop:\\u2022\\u2022\\u2022@localhost",
        "T\\u00ean=c\\u01a1 s\\u1edf \\ud83d\\udc18",
        "Path=C:\\\\data\\n second",
        "Indented=\\ two",
    ]

    assert expected == (folder / "environment.properties").read_text(encoding="ascii").splitlines()


@pytest.mark.parametrize(
    ("status", "message", "category"),
    [
        ("failed", "AssertionError: assert 1 == 2", "Disproven: the promise does not hold"),
        ("skipped", "Skipped: no engine", "Unproven: left out"),
        (
            "broken",
            "drill.runtimes.RuntimeUnavailable: no engine\nand no wheel; start one",
            "Unproven: the drill could not be carried out",
        ),
        (
            "broken",
            "interrupted before the scenario had ended",
            "Unproven: the drill could not be carried out",
        ),
        ("broken", "KeyError: 'orders'\n", "Unproven: the tool itself is broken"),
    ],
)
def test_every_defect_has_one_category(folder, status, message, category):
    categories = json.loads((folder / "categories.json").read_text())
    matching = [
        one["name"]
        for one in categories
        if status in one["matchedStatuses"] and re.fullmatch(one.get("messageRegex", r"[\s\S]*"), message)
    ]

    assert [category] == matching


@pytest.mark.parametrize(
    ("variables", "known"),
    [
        ({}, {"name": "DR Drill", "type": "local"}),
        (
            {"CI_PIPELINE_ID": "7", "CI_PIPELINE_URL": "https://ci.example/7"},
            {"name": "DR Drill", "type": "gitlab", "buildName": "7", "buildUrl": "https://ci.example/7"},
        ),
        (
            {"GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "shop/drill"},
            {
                "name": "DR Drill",
                "type": "github",
                "buildName": "7",
                "buildUrl": "https://git.example/shop/drill/actions/runs/7",
            },
        ),
        ({"BUILD_TAG": "drill-7"}, {"name": "DR Drill", "type": "jenkins", "buildName": "drill-7", "buildUrl": ""}),
    ],
    ids=["a person", "gitlab", "github", "jenkins"],
)
def test_the_executor_is_the_pipeline_or_a_person(variables, known):
    assert known == executor(variables)


def test_the_executor_is_written(folder):
    assert "DR Drill" == json.loads((folder / "executor.json").read_text())["name"]
