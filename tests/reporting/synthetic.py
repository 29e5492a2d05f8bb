"""A month that nobody ran, with everything that a report can tell of: python -m tests.reporting.synthetic DIRECTORY

The directory is made; it has reports/, a policy.toml with a suppression and the key that signed the runs.
"""

import shutil
import sys
from pathlib import Path

from drill.evidence import keys
from drill.policy import load
from tests.reporting.conftest import NIGHTS, POLICY
from tests.reporting.months import history

SUPPRESSION = """
[[gate.suppress]]
id = "RPO-USER"
reason = "The new disks come in December; until then users may lose a day."
owner = "backup_team.primary"
expires = 2026-12-15
"""


def synthesize(directory: Path) -> None:
    pair = keys.create(directory / "keys")
    document = directory / POLICY.document.source
    document.parent.mkdir(parents=True)
    shutil.copy(POLICY.directory / POLICY.document.source, document)
    known = f'[gate]\npublic_keys = ["{pair.public.relative_to(directory)}"]\n'
    policy = POLICY.file.read_text("utf-8").replace("[gate]\n", known) + SUPPRESSION
    (directory / "policy.toml").write_text(policy, "utf-8")
    signer = keys.signer_from({keys.VARIABLE: str(pair.private)})
    history(directory / "reports", load(directory / "policy.toml"), NIGHTS, signer=signer)


if __name__ == "__main__":
    synthesize(Path(sys.argv[1]))
