"""The one error that the suite raises on purpose.

::

    DrillError              something a person can put right
    ├── PolicyError         policy.toml says something that cannot be (drill.policy)
    ├── RuntimeUnavailable  no engine, no image, no embedded server (drill.runtimes)
    ├── ServerError         a disposable server did not do what it was told (drill.servers)
    └── CatalogueError      a stored backup cannot be read (drill.catalogue)
"""


class DrillError(Exception):
    """Says what is wrong, where, and what to do about it; a traceback would add nothing."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy
