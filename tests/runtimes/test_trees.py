"""Directories are taken away whole, and nothing that is outside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.runtimes.trees import BATCH, remove_tree


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with more files than are removed at once, empty directories, and names that bite."""
    place = tmp_path / "place"
    for name in ("a/b/c", "empty", "-rf", "with space\nand line"):
        (place / name).mkdir(parents=True)
    for number in range(2 * BATCH + 1):
        (place / "a/b" / f"{number}").write_text("content")
    return place


def test_all_of_a_directory_goes(place: Path):
    remove_tree(place)

    assert not place.exists()


def test_a_directory_that_takes_no_new_file_goes_as_well(place: Path):
    (place / "a/b").chmod(0o500)

    remove_tree(place)

    assert not place.exists()


def test_what_a_link_leads_to_stays(place: Path, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("content")
    (place / "a/to-directory").symlink_to(outside)
    (place / "a/to-file").symlink_to(outside / "file")
    (place / "a/to-nothing").symlink_to(tmp_path / "nothing")

    remove_tree(place)

    assert not place.exists()
    assert (outside / "file").read_text() == "content"


def test_a_link_is_not_followed_where_a_directory_is_meant(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("content")
    (tmp_path / "link").symlink_to(outside)

    remove_tree(tmp_path / "link")

    assert (outside / "file").exists()


def test_what_is_not_there_is_no_error_and_nothing_beside_it_goes(place: Path, tmp_path: Path):
    remove_tree(tmp_path / "nothing")

    assert [place] == list(tmp_path.iterdir())
