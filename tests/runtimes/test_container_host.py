"""A host that is a container: the directory that we see is its own root, is gone with it and comes back as new."""

from __future__ import annotations

import os

import docker
import pytest

from drill.runtimes import RuntimeUnavailable
from drill.runtimes import container_host as module
from drill.runtimes.container_host import ContainerHost
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gets at the root of a container")


@pytest.fixture
def host(containers) -> ContainerHost:
    try:
        host = containers.container_host()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield host
    host.discard()


def roots() -> list[docker.models.containers.Container]:
    """Those of ours that are there for their root alone."""
    client = docker.from_env()
    found = client.containers.list(all=True, filters={"label": f"{LABEL}={Owner.current()}"})
    client.close()
    return [each for each in found if each.attrs["HostConfig"]["NetworkMode"] == "none"]


def test_the_directory_is_the_root_that_the_container_has(host):
    (host.root / "home/máy đếm").write_text("12 cổng\n")
    (container,) = roots()
    _, said = container.exec_run(["sh", "-c", "cat '/home/máy đếm'; echo 13 >/home/inside"])

    assert "12 cổng\n" == said.decode()
    assert "13\n" == (host.root / "home/inside").read_text()


def test_what_was_put_there_is_told_and_what_the_image_holds_is_not(host):
    assert [] == host.leftovers()
    assert (host.root / "etc/passwd").is_file()
    (host.root / "home/new").touch()
    (host.root / "etc/debian_version").unlink()

    assert {"/home/new", "/etc/debian_version"} <= set(host.leftovers())


def test_a_lost_one_is_gone_with_its_root_and_a_new_one_is_as_it_came(host):
    lost = host.root
    (lost / "home/new").touch()
    host.lose()

    assert ([], False) == (roots(), (lost / "home").exists())
    host.provision()
    assert lost != host.root
    assert [] == host.leftovers()


def test_where_we_do_not_get_at_its_root_there_is_no_host_and_no_container(containers, monkeypatch):
    monkeypatch.setattr(module.os.path, "ismount", lambda _: False)

    with pytest.raises(RuntimeUnavailable, match="shows their roots nowhere"):
        containers.container_host()
    assert [] == roots()
