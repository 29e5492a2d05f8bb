"""Whoever may ask the engine learns no password: neither how a container was made nor what it said holds one."""

from __future__ import annotations

import json

import docker

from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServer


def told_by_engine():
    client = docker.from_env()
    ours = client.containers.list(all=True, filters={"label": f"{LABEL}={Owner.current()}"})
    told = [f"{json.dumps(each.attrs)} {each.logs().decode('utf-8', 'replace')}" for each in ours]
    client.close()
    return told


def test_the_engine_tells_of_no_password(containers):
    servers = [PostgresClusters(containers).blank(), RedisServer.blank(containers)]
    told = told_by_engine()

    assert all(any(str(server.port) in text for text in told) for server in servers)
    assert [] == [text for text in told if containers.workspace.password.get_secret_value() in text]
