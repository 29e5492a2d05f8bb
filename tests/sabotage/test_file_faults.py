"""Faults of restored files: each changes the aspects of a file that it says, and no other."""

import os
import subprocess

import pytest

from drill.damage.faults import files, hosts
from drill.damage.faults.fault import Scene
from drill.damage.victims import keeps
from drill.datasets import host as dataset
from drill.errors import DrillError
from drill.fingerprints import differences
from drill.hosts import AppHost
from drill.policy import Command
from drill.runtimes.trees import copy_tree
from drill.stores import HostStore
from tests.procedures import SHIPPED

ASPECTS = {
    "FILE-LEFT-OUT": {"names", "contents", "modes", "owners", "times"},
    "FILE-CHANGED": {"contents", "times"},
    "FILE-ROTTEN": {"contents"},
    "FILE-ADDED": {"names", "contents", "modes", "owners", "times"},
    "FILES-HIDDEN-LOST": {"names", "contents", "modes", "owners", "times"},
    "DIRECTORY-EMPTY-LOST": {"names", "modes", "owners", "times"},
    "PIPE-LOST": {"names", "modes", "owners", "times"},
    "FILE-RIGHTS-LOST": {"modes"},
    "SETUID-LOST": {"modes"},
    "SETGID-LOST": {"modes"},
    "FILE-OWNER-LOST": {"owners"},
    "ACCESS-LIST-LOST": {"attributes"},
    "ATTRIBUTE-LOST": {"attributes"},
    "CAPABILITY-LOST": {"attributes"},
    "FILE-TIMES-LOST": {"times"},
    "FILE-TIMES-ROUNDED": {"times"},
    "FILE-LINK-FOLLOWED": {"names", "contents", "modes", "links", "times"},
    "FILE-LINK-REWRITTEN": {"links", "times"},
    "FILE-NAMES-PARTED": {"links"},
    "FILE-HOLES-FILLED": {"holes"},
}
REREAD = {
    "PACKAGES-WITHOUT-VERSIONS", "PRODUCTION-BY-NAME", "LINES-LOST", "STATE-OF-TWO-MOMENTS", "PRODUCTION-BY-SETTING",
}  # fmt: skip
"""What only whoever reads the file can tell."""
BARED = {"SECRETS-BARED", "PROGRAM-NOT-EXECUTABLE", "PASSWORD-BARED"}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    home = tmp_path_factory.mktemp("source")
    (home / "root").mkdir()
    dataset.seed(home / "root", seed=1, scale=1)
    return AppHost(home)


def befallen(fault, source, tmp_path, *, name):
    """What differs, seen by the store of a set, once a fault has befallen a copy of the host."""
    procedure = SHIPPED.procedures[name].model_copy(update={"restore": Command("true", ("true",))})
    policy = SHIPPED.model_copy(update={"procedures": {name: procedure}})
    store = HostStore(source, procedure)
    scene = Scene(repository=tmp_path, set=name, policy=policy, source=store, noted="")
    fault.inject(scene)
    copy_tree(source.root, tmp_path / "root")
    words = scene.policy.procedures[name].restore.argv({})
    subprocess.run(words, env={**os.environ, "RESTORE_TARGET": str(tmp_path / "root")}, check=True)
    return differences(store.fingerprint(), HostStore(AppHost(tmp_path), procedure).fingerprint())


def test_every_aspect_of_a_file_is_lost_by_one_of_the_faults():
    assert set().union(*ASPECTS.values()) == {
        "names", "modes", "owners", "times", "contents", "links", "attributes", "holes",
    }  # fmt: skip
    assert ASPECTS.keys() == {fault.id for fault in files.FAULTS}


@pytest.mark.parametrize("fault", files.FAULTS, ids=lambda fault: fault.id)
def test_a_fault_changes_what_it_says_and_nothing_else(fault, source, tmp_path):
    try:
        found = befallen(fault, source, tmp_path, name="user-data")
    except DrillError as error:
        pytest.skip(str(error))

    assert {f"{aspect} of home" for aspect in ASPECTS[fault.id]} == {each.where for each in found}


@pytest.mark.parametrize("fault", hosts.FAULTS, ids=lambda fault: fault.id)
def test_what_befalls_a_host_befalls_the_set_that_keeps_it(fault, source, tmp_path):
    (name,) = [each for each, it in SHIPPED.procedures.items() if fault.holds and keeps(it, fault.holds)]

    found = {each.where.partition(" of ")[0] for each in befallen(fault, source, tmp_path, name=name)}

    if fault.id in REREAD:
        assert {"contents"} == found, "its time does not give it away"
    elif fault.id in BARED:
        assert {"modes"} == found
    elif fault.id == "FILES-LINKED-TO-PRODUCTION":
        assert set() == found, "no comparison gives it away"
    else:
        assert "names" in found, "something is gone, or is something else"


def test_a_file_that_begins_with_the_byte_that_a_disk_would_put_there_is_passed_over(source, tmp_path):
    rotten = next(fault for fault in files.FAULTS if fault.id == "FILE-ROTTEN")
    first = source.root / "home/an/.profile"
    whole = first.read_bytes()
    first.write_bytes(b"\xff" + whole[1:])
    try:
        assert ["contents of home"] == [each.where for each in befallen(rotten, source, tmp_path, name="user-data")]
    finally:
        first.write_bytes(whole)


def test_a_fault_that_a_set_has_no_file_for_is_told(source, tmp_path):
    pipe = next(fault for fault in files.FAULTS if fault.id == "PIPE-LOST")

    with pytest.raises(DrillError, match="configuration has no pipe"):
        befallen(pipe, source, tmp_path, name="configuration")
