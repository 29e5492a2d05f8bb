"""A rehearsed repository of the session, to be copied and never changed."""

import shutil
from contextlib import contextmanager

import pytest

from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.rehearsal import Sources, rehearse
from drill.rehearsal.rehearsal import chosen
from drill.verification import Targets, verify
from drill.verification.reading import Stamp
from drill.verification.verification import Request

SETS = ["postgres", "postgres-physical", "redis", "configuration", "source-code"]


@pytest.fixture(scope="session")
def rehearsed(runtime, clusters, settings):
    repository = runtime.workspace.directory / "rehearsed"
    repository.mkdir(mode=0o711)
    procedures = chosen(settings.policy, SETS)
    rehearsed_into(repository, procedures, runtime=runtime, clusters=clusters, policy=settings.policy)
    return repository


def rehearsed_into(repository, procedures, *, runtime, clusters, policy):
    sources = Sources(policy, runtime, clusters, repository=repository, seed=1, scale=1)
    runbook = Runbook(policy, repository=repository, directory=policy.directory.absolute(), journal=Journal())
    with sources.opened(procedures) as stores:
        rehearse(sources, dict(stores), runbook=runbook)


@pytest.fixture
def copy(rehearsed, runtime, request):
    """A copy for oneself."""
    place = runtime.workspace.directory / f"copy-{request.node.name}".replace("[", "-").replace("]", "")
    shutil.copytree(rehearsed, place, symlinks=True)
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def verified(runtime, clusters, settings):
    """Verifies a repository, in which nothing is ever written."""

    def verified(repository, **request):
        before = Stamp.of([repository])
        with targets_of(runtime, clusters, settings) as targets:
            report = verify(repository, policy=settings.policy, targets=targets, request=Request(**request), workers=2)
        assert before == Stamp.of([repository])
        return report

    return verified


@contextmanager
def targets_of(runtime, clusters, settings):
    targets = Targets(settings.policy, runtime, clusters)
    yield targets
    targets.close()
