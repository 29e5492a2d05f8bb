"""Disaster recovery sites: object storage with accounts of its own, disposable as everything else here."""

from drill.sites.site import Account, Site

__all__ = ["Account", "Site"]
