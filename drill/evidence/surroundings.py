"""What a run stood on: policy, machine, versions and revision, so that two runs can be compared."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from drill.policy import Policy

PACKAGES = ("dr-drill", "pytest", "pytest-bdd", "testcontainers", "psycopg", "redis", "allure-pytest")


def policy(drilled: Policy) -> dict[str, str]:
    """Return which policy was drilled: the file's name and SHA-256, and the document's title and version."""
    return {
        "file": drilled.file.name,
        "sha256": hashlib.sha256(drilled.file.read_bytes()).hexdigest(),
        "title": drilled.document.title,
        "version": drilled.document.version,
    }


def machine() -> dict[str, Any]:
    """Return what the run's speed depends on; no name, address or user of the machine."""
    import psutil  # here, because the gate and the report never ask

    return {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def file_system(place: Path) -> str | None:
    """Return the kind of the file system that a directory lies on, such as ``ext4``; None where it is not known."""
    import psutil

    mounted = {Path(each.mountpoint): each.fstype for each in psutil.disk_partitions(all=True)}
    return next((mounted[above] for above in (place, *place.parents) if above in mounted), None)


def versions() -> dict[str, str]:
    """Return the versions of Python and of what the drill stands on."""
    return {"python": platform.python_version()} | {package: _version(package) for package in PACKAGES}


def revision(directory: Path) -> dict[str, Any]:
    """Return the checkout's commit and whether files differ from it; empty outside a git checkout."""
    commit = _git(directory, "rev-parse", "HEAD")
    if commit is None:
        return {}
    return {"commit": commit, "changed": bool(_git(directory, "status", "--porcelain"))}


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
