"""The written document's own PostgreSQL commands, carried out as written, and what each turns out to do."""

from drill.documented.trial import Trial, tried

__all__ = ["Trial", "tried"]
