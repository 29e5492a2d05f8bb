"""The one error that the suite raises on purpose.

::

    DrillError               something a person can put right
    ├── PolicyError          policy.toml says something that cannot be (drill.policy)
    │   UnreadableValue      one value of it, before it is known where it stands
    ├── RuntimeUnavailable   no engine, no image, no embedded server (drill.runtimes)
    ├── ContainerEngineLost  the engine stopped answering during the run (drill.runtimes)
    ├── ServerError          a disposable server did not do what it was told (drill.servers)
    ├── StillWaiting         what was waited for never happened (drill.waiting)
    ├── CatalogueError       a stored backup cannot be read (drill.backups.catalogue)
    ├── FingerprintError     what a store holds cannot be told (drill.fingerprints)
    ├── EvidenceError        a piece of evidence is not what it claims to be (drill.evidence)
    └── Disproof             the procedure failed so early that nothing is left to compare (drill.evidence)

All but ``Disproof`` leave a scenario unproven.
"""


class DrillError(Exception):
    """Says what is wrong, where, and what to do about it; a traceback would add nothing."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy
