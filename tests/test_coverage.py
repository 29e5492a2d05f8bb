"""What of a host nobody keeps, and what befalls backups of hosts."""

import shutil
from pathlib import Path

import pytest

from drill.backups.coverage import uncovered
from drill.commands.search_path import system_path
from drill.damage import add_trick, damage_object, narrowed
from drill.datasets import host
from drill.datasets.host import counting
from drill.datasets.host.system import LOG, ROTATION
from drill.errors import DrillError
from drill.hosts import AppHost, log_rotation
from drill.policy import load
from drill.stores import HostStore

POLICY = load(Path(__file__).parent.parent / "policy.toml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    host.seed(tmp_path, seed=7, scale=1)
    return tmp_path


def test_the_estate_s_host_has_nothing_that_nobody_keeps(root):
    assert [] == uncovered(root, POLICY)


def test_a_place_beside_what_is_covered_is_found(root):
    (root / "etc/new").touch()
    (root / "srv/counting/.env.old").touch()
    (root / "opt/deep/down").mkdir(parents=True)

    assert ["etc/new", "opt", "srv/counting/.env.old"] == uncovered(root, POLICY)


def test_what_is_left_out_on_purpose_is_no_finding(root):
    (root / "var/cache/apt").mkdir(parents=True)

    assert [] == uncovered(root, POLICY)


def test_a_path_that_is_not_named_cannot_be_left_out():
    with pytest.raises(DrillError, match="does not name"):
        narrowed(POLICY, "user-data", without="etc")


def test_damages_that_are_none_are_told(tmp_path):
    with pytest.raises(DrillError, match="no trick"):
        add_trick(None, "be nice", outside=tmp_path)
    with pytest.raises(DrillError, match="no pack"):
        damage_object(tmp_path)


def test_a_store_without_a_known_question_has_no_answer(tmp_path):
    (tmp_path / "root").mkdir()
    store = HostStore(AppHost(tmp_path), POLICY.procedures["user-data"].model_copy(update={"covers": ("opt",)}))

    with pytest.raises(DrillError, match="no question"):
        store.health()
    with pytest.raises(DrillError, match="no log to replay"):
        store.replay()


def test_whoever_counts_on_from_a_sound_state_counts_right(root):
    counting.carry_on(root, 500)

    assert counting.true_totals() == list(counting.carry_on(root).totals)


def test_whoever_counts_on_from_a_mixed_state_counts_wrong(root):
    counting.mix_up(root)

    assert counting.true_totals() != list(counting.carry_on(root).totals)


@pytest.mark.parametrize("days", [1, 3])
def test_a_log_that_is_rotated_every_day_loses_no_line(root, days):
    with host.Log(root) as log:
        for day in range(days):
            log.write(day)
            log_rotation.rotate(root)
            assert not (root / LOG).exists()
        log.write(days)

    assert set(range(days + 1)) == host.logged(root)


def test_without_logrotate_the_log_is_rotated_by_name(root, monkeypatch):
    monkeypatch.setattr(log_rotation, "PROGRAM", "no-such-program")
    with host.Log(root) as log:
        log.write(0)
        by_name, there = log_rotation.rotate(root), (root / LOG).exists()
        log.write(1)

    assert (log_rotation.BY_NAME, False) == (by_name, there)
    assert {0, 1} == host.logged(root)
    assert (root / LOG).exists()


@pytest.mark.skipif(not shutil.which("logrotate", path=system_path()), reason="logrotate is not installed")
def test_rules_that_logrotate_refuses_are_no_rotation(root):
    (root / ROTATION).write_text("/var/log/counting/*.log {\n rotate many\n}\n")

    with pytest.raises(DrillError, match=r"(?s)ended with 1: .*; correct etc/logrotate\.d"):
        log_rotation.rotate(root)


def test_half_a_file_of_the_ledger_is_not_written(root):
    place = host.ledger(root, "home")
    place.mkdir()
    for number in range(3):
        host.write(place, number)
    (place / "000000/1").write_text("")

    assert {0, 2} == host.written(place)
