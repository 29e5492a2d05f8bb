"""Where Allure results land, and what of an earlier run is left there."""

import pytest

FEATURE = """
    Feature: A lost database comes back
      Scenario: It is dropped
        Given a shop database
        When it is dropped and restored
        Then nothing is lost
"""
STALE = ("0-result.json", "0-container.json", "0-attachment.txt", "0-globals.json", "environment.properties")


@pytest.fixture
def folder(project):
    """The default folder, in which an earlier run has left its results and a person a note."""
    project.feature(FEATURE)
    project.write("tests/test_plain.py", "def test_plain():\n    pass\n")
    for name in (*STALE, "note.txt"):
        project.write(f"reports/allure-results/{name}", "{}")
    return project.root / "reports" / "allure-results"


def kinds(folder):
    """The folder's files without the parts of their names that change from run to run."""
    return sorted({file.name.split("-")[-1] for file in folder.iterdir()})


@pytest.mark.parametrize(
    "arguments",
    [
        ["features"],
        ["features/database/shop.feature::test_it_is_dropped"],
        ["features", "-n", "2"],
    ],
    ids=" ".join,
)
def test_a_run_of_features_leaves_its_own_results_and_no_others(project, folder, arguments):
    project.run(*arguments)

    assert ["note.txt", "result.json"] == kinds(folder)
    assert not (folder / "0-result.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests"],
        ["tests", "features"],
        ["."],
        ["features", "--collect-only"],
        ["features", "--setup-plan"],
        ["features", "--fixtures"],
        ["features", "--help"],
        ["features", "-p", "no:allure_pytest"],
    ],
    ids=" ".join,
)
def test_a_run_of_anything_else_touches_nothing(project, folder, arguments):
    project.run(*arguments)

    assert sorted([*STALE, "note.txt"]) == sorted(file.name for file in folder.iterdir())


def test_a_folder_that_somebody_names_is_taken_and_not_emptied(project, folder, tmp_path):
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "0-result.json").write_text("{}")

    project.run("features", "--alluredir", str(tmp_path / "named"))

    assert 2 == len(list((tmp_path / "named").glob("*-result.json")))
    assert (folder / "0-result.json").exists()


def test_a_worker_that_takes_over_from_a_crashed_one_cleans_nothing(project, tmp_path):
    project.feature(FEATURE)
    project.write("tests/test_crash.py", "import os\n\ndef test_crash():\n    os._exit(1)\n")

    project.run("features", "tests", "-n", "1", "--alluredir", str(tmp_path / "named"), "--clean-alluredir")

    assert 1 == len(list((tmp_path / "named").glob("*-result.json")))
