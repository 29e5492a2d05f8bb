"""``dr-drill policy coverage``: a host's files held against what the procedures of the policy have to keep."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.datasets import host

POLICY = Path(__file__).parents[2] / "policy.toml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    host.seed(tmp_path, seed=7, scale=1)
    return tmp_path


def coverage(root: Path, *options: str):
    return CliRunner().invoke(app, ["policy", "coverage", str(root), "--policy", str(POLICY), *options])


def test_a_host_of_which_all_is_kept_has_status_0_and_says_who_keeps_what(root):
    shown = coverage(root)
    rows = {words[1]: words[3:] for line in shown.stdout.splitlines() if len(words := line.split()) > 5}

    assert 0 == shown.exit_code, shown.output
    assert ["security-configuration", "│", "yes", "│"] == rows["etc/gshadow"]
    assert ["nobody,", "on", "purpose", "│", "no", "│"] == rows["var/cache"]
    assert "Every place is kept, or left out on purpose" in shown.stdout


def test_what_nobody_keeps_has_status_1_and_is_told(root):
    (root / "etc/wireguard").mkdir()
    (root / "opt/deep/down").mkdir(parents=True)
    shown = coverage(root)
    of_nobody = [line.split()[1] for line in shown.stdout.splitlines() if "NOBODY" in line]

    assert 1 == shown.exit_code
    assert ["etc/wireguard", "opt"] == of_nobody
    assert "2 places are kept by nobody" in shown.stdout


def test_what_is_named_and_not_there_is_told(root):
    (root / "etc/nftables.conf").unlink()
    told = {place["path"]: place for place in json.loads(coverage(root, "--json").stdout)["places"]}

    assert (["security-configuration"], False) == (
        told["etc/nftables.conf"]["kept_by"],
        told["etc/nftables.conf"]["there"],
    )
    assert [] == [path for path, place in told.items() if place["of_nobody"]]


def test_a_name_that_is_no_text_is_told_all_the_same(root):
    (root / "etc" / os.fsdecode(b"\xffnew")).touch()
    found = coverage(root, "--json")

    assert 1 == found.exit_code
    assert ["etc/\\xffnew"] == [place["path"] for place in json.loads(found.stdout)["places"] if place["of_nobody"]]


def test_a_root_that_is_none_is_an_error(root):
    refused = coverage(root / "etc/passwd")

    assert 2 == refused.exit_code
    assert "etc/passwd is no directory; name the root of a host" in refused.stderr


def test_what_cannot_be_looked_at_is_an_error_and_not_taken_for_kept(root, monkeypatch):
    def scandir(place: Path):
        if place == root / "var":
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    scan = os.scandir
    monkeypatch.setattr("drill.backups.coverage.os.scandir", scandir)
    refused = coverage(root)

    assert 2 == refused.exit_code
    assert "var: Permission denied; look as a user who may read it" in refused.stderr
