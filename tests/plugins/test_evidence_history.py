"""The same scenario is recognised from run to run, wherever and however it runs."""

import shutil

from example_project import RESULTS, steps_of, written_in


def identities(results):
    return {name: (one["historyId"], one["testCaseId"]) for name, one in results.items()}


def test_every_row_has_a_history_of_its_own(results):
    assert len(results) == len({result["historyId"] for result in results.values()})
    assert results["A shop of 5 orders"]["testCaseId"] == results["A shop of 7 orders"]["testCaseId"]


def test_histories_outlive_moved_lines_other_checkouts_other_directories_and_workers(shop, results, tmp_path):
    checkout = tmp_path / "elsewhere"
    shutil.copytree(shop.root, checkout, ignore=shutil.ignore_patterns("reports", "__pycache__"))
    feature = checkout / "features" / "database" / "shop.feature"
    moved = "# moved\n\n" + feature.read_text().replace("| orders | kept |", "| kept | orders |")
    feature.write_text(moved.replace("| 7      | 6    |", "| 6 | 7 |"))

    shop.run("-n", "2", "../features", folder=checkout / "features")

    assert identities(results) == identities(written_in(checkout / RESULTS))


def test_two_workers_record_what_one_process_does(shop, results, tmp_path):
    shop.run("-n", "2", "features", "--alluredir", str(tmp_path))
    parallel = written_in(tmp_path)

    assert {name: (one["status"], steps_of(one)) for name, one in results.items()} == {
        name: (one["status"], steps_of(one)) for name, one in parallel.items()
    }
