"""Ways of running disposable servers: containers through testcontainers, or embedded processes; one protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drill.runtimes.protocol import Engine, EngineVersion, Runtime, RuntimeUnavailable, Service

__all__ = ["CHOICES", "Engine", "EngineVersion", "Resolution", "Runtime", "RuntimeUnavailable", "Service", "resolve"]

CHOICES = ("auto", "docker", "embedded")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which runtime it will be, why, and where each engine's server comes from; ``open`` makes it ready."""

    name: str
    reason: str
    sources: Mapping[str, str]
    images: Mapping[str, str] = field(repr=False)

    def open(self) -> Runtime:
        """Return the runtime with a workspace of its own.

        Raises:
            RuntimeUnavailable: it went away in the meantime.
        """
        if self.name == "docker":
            from drill.runtimes.containers import ContainerRuntime

            return ContainerRuntime.open({Engine(k): v for k, v in self.images.items()}, reason=self.reason)
        from drill.runtimes.embedded import EmbeddedRuntime

        return EmbeddedRuntime.open(reason=self.reason)


def resolve(choice: str, images: Mapping[str, str], *, reason: str | None = None) -> Resolution:
    """Return the runtime that was asked for; ``auto`` takes containers where they can be had.

    Args:
        choice: one of ``CHOICES``.
        images: image references by engine name, as in policy.toml.
        reason: why, where that is known already.

    Raises:
        RuntimeUnavailable: what was asked for cannot run here.
    """
    # Each runtime is imported only where it is used: the container engine's client takes 0.2 s.
    if choice == "embedded":
        return _embedded(images, reason or "asked for")
    if choice == "docker":
        return _docker(images, reason or "asked for")
    try:
        return _docker(images, reason or "a container engine answers and has the images")
    except RuntimeUnavailable as error:
        return _embedded(images, error.what)


def _embedded(images: Mapping[str, str], reason: str) -> Resolution:
    from drill.runtimes import embedded

    embedded.check_available()
    return Resolution("embedded", reason, {str(k): f"wheel {v}" for k, v in embedded.WHEELS.items()}, images)


def _docker(images: Mapping[str, str], reason: str) -> Resolution:
    from drill.runtimes.engine_socket import knock

    knock()
    from drill.runtimes.container_engine import connect, find_image

    client = connect()
    try:
        found = {name: find_image(client, reference) for name, reference in images.items()}
    finally:
        client.close()
    sources = {name: f"{image.reference} ({image.origin}, {image.digest})" for name, image in found.items()}
    return Resolution("docker", reason, sources, images)
