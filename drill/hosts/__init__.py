"""Hosts of applications: real trees of files that can be lost, provisioned anew and restored."""

from drill.hosts.host import AppHost

__all__ = ["AppHost"]
