"""The container engine on this machine: whether it answers, what it can run, and its errors in plain words."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass

# Both must be set before testcontainers is imported: no reaper image can be had offline (runs are swept by owner
# instead), and a machine with /.dockerenv is not always inside a container of this engine.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")

import docker
import docker.errors
import requests

from drill.errors import DrillError
from drill.progress import working_on
from drill.runtimes.engine_socket import knock
from drill.runtimes.protocol import RuntimeUnavailable

STAND_IN = "dr-drill/"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


class ContainerEngineLost(DrillError):
    """The container engine stopped answering during the run."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is on this machine. ``origin`` says how it came to stand for what the policy names."""

    reference: str
    id: str
    digest: str
    origin: str


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the engine's client raises into an error that says what to do."""
    try:
        yield
    except docker.errors.APIError as error:
        raise DrillError(
            f"the container engine refused: {error.explanation or error}", remedy="see the engine's own log"
        ) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise ContainerEngineLost(
            f"the container engine does not answer any more: {error}",
            remedy="start it again and repeat the run, or use --runtime=embedded",
        ) from error


def connect() -> docker.DockerClient:
    """Return a client of the engine on this machine.

    Raises:
        RuntimeUnavailable: none answers, or it cannot run servers whose data lies on this host.
    """
    knock()
    try:
        client = docker.from_env(timeout=120)
        facts = client.info()
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise RuntimeUnavailable(
            f"no container engine answers ({error})", remedy="start one, or use --runtime=embedded"
        ) from error
    problem = _problem(facts)
    if problem:
        client.close()
        raise RuntimeUnavailable(problem, remedy="use an engine on this machine, or --runtime=embedded")
    return client


def _problem(facts: dict[str, object]) -> str | None:
    options = str(facts.get("SecurityOptions"))
    if platform.system() != "Linux" or facts.get("OSType") != "linux":
        return f"client programs of {facts.get('OSType')} images cannot run on {platform.system()}"
    if ARCHITECTURES.get(str(facts.get("Architecture"))) != ARCHITECTURES.get(platform.machine()):
        return f"the container engine runs {facts.get('Architecture')}, this machine is {platform.machine()}"
    if facts.get("OperatingSystem") == "Docker Desktop":
        return "the container engine runs in a machine of its own, whose loopback is not this host's"
    if "rootless" in options or "userns" in options:
        return "the container engine maps user ids, so servers could not own their data directories on this host"
    return None


def find_image(client: docker.DockerClient, reference: str) -> Image:
    """Return the image named in the policy: here already, as a stand-in built from ``images/``, or pulled.

    Raises:
        RuntimeUnavailable: it can be had in none of these ways.
    """
    for candidate, origin in [
        (reference, "local image"),
        (STAND_IN + reference, f"stand-in for {reference} built from images/"),
    ]:
        with contextlib.suppress(docker.errors.ImageNotFound):
            return _image(client.images.get(candidate), reference=candidate, origin=origin)
    try:
        with working_on(f"pulling {reference}"):
            return _image(client.images.pull(reference), reference=reference, origin="pulled")
    except docker.errors.APIError as error:
        raise RuntimeUnavailable(
            f"the image {reference} cannot be pulled ({error.explanation or error})",
            remedy="build stand-ins with images/build, or use --runtime=embedded",
        ) from error


def _image(image: docker.models.images.Image, *, reference: str, origin: str) -> Image:
    digests = image.attrs.get("RepoDigests") or []
    return Image(reference=reference, id=image.id, digest=digests[0] if digests else image.id, origin=origin)
