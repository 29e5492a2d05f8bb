"""The written document's own commands, carried out as written, and what each turns out to do."""

from drill.documented.trial import Trial, tried, tried_on_cache, tried_on_host

__all__ = ["Trial", "tried", "tried_on_cache", "tried_on_host"]
