"""Ways of running disposable servers: containers through testcontainers, or embedded processes; one protocol."""

from __future__ import annotations

from collections.abc import Mapping

from drill.runtimes.protocol import Engine, EngineVersion, Runtime, RuntimeUnavailable, Service

__all__ = ["CHOICES", "Engine", "EngineVersion", "Runtime", "RuntimeUnavailable", "Service", "open_runtime"]

CHOICES = ("auto", "docker", "embedded")


def open_runtime(choice: str, images: Mapping[str, str]) -> Runtime:
    """Return the runtime that was asked for; ``auto`` takes containers where they can be had.

    Args:
        choice: one of ``CHOICES``.
        images: image references by engine name, as in policy.toml.

    Raises:
        RuntimeUnavailable: what was asked for cannot run here.
    """
    if choice == "embedded":
        return _embedded("asked for")
    references = {Engine(name): reference for name, reference in images.items()}
    if choice == "docker":
        return _docker(references, "asked for")
    try:
        return _docker(references, "a container engine answers and has the images")
    except RuntimeUnavailable as error:
        return _embedded(error.what)


def _embedded(reason: str) -> Runtime:
    from drill.runtimes.embedded import EmbeddedRuntime

    return EmbeddedRuntime.open(reason=reason)


def _docker(references: Mapping[Engine, str], reason: str) -> Runtime:
    from drill.runtimes.containers import ContainerRuntime

    return ContainerRuntime.open(references, reason=reason)
