"""Hosts of applications: real trees of files that can be lost, provisioned anew and restored."""

from drill.hosts.host import AppHost, as_the_runtime_has_it

__all__ = ["AppHost", "as_the_runtime_has_it"]
