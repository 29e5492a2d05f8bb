"""The written document's own commands, carried out as written, and what each turns out to do."""

from drill.documented.trial import (
    Trial,
    corrected,
    recovered_as_documented,
    tried,
    tried_on_cache,
    tried_on_host,
    tried_on_machine,
)

__all__ = [
    "Trial",
    "corrected",
    "recovered_as_documented",
    "tried",
    "tried_on_cache",
    "tried_on_host",
    "tried_on_machine",
]
