"""What a bucket that keeps versions held at an earlier moment, to the second.

Whoever overwrites or removes a locked object by its name only hides the version that is locked. It comes back by the
moment before that happened: of every object the newest version of then, and none where it was removed at that time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple


class Version(NamedTuple):
    """One version of an object; ``size`` is None where the object had just been removed by its name."""

    id: str
    size: int | None


class Past(NamedTuple):
    """A bucket as it was at a moment; what the site says is passed on as it is, errors included."""

    client: Any
    bucket: str
    moment: datetime

    def objects(self, beginning: str) -> dict[str, Version]:
        """Return what there was, by the keys that begin so."""
        newest: dict[str, tuple[tuple[datetime, bool], Version]] = {}
        for each in self._versions(beginning):
            order = (each["LastModified"], each["IsLatest"])
            if each["LastModified"] <= self.moment and (each["Key"] not in newest or newest[each["Key"]][0] < order):
                newest[each["Key"]] = (order, Version(each["VersionId"], each.get("Size")))
        return {key: version for key, (_, version) in newest.items() if version.size is not None}

    def version(self, key: str) -> Version | None:
        """Return the version of one object; None where there was none."""
        return self.objects(key).get(key)

    def _versions(self, beginning: str) -> Iterator[dict[str, Any]]:
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=beginning):
            yield from page.get("Versions", ())
            yield from page.get("DeleteMarkers", ())
