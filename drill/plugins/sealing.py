"""Seals the run when it has ended, and says what that seal is worth."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drill.errors import DrillError
from drill.evidence.keys import VARIABLE, signer_from
from drill.evidence.record import RunRecord
from drill.evidence.sealing import Seal, seal


class Sealing:
    """Holds the key while the run goes on.

    Raises:
        pytest.UsageError: the key that was named cannot sign; better now than when all is done.
    """

    def __init__(self) -> None:
        self._seal: Seal | None = None
        self._problem = "the run did not come to its end"
        try:
            self._signer = signer_from(os.environ)
        except DrillError as error:
            raise pytest.UsageError(str(error)) from None

    def seal(self, directory: Path, record: RunRecord) -> None:
        """State what the run's directory holds; a run that cannot be sealed has still been judged."""
        try:
            self._seal = seal(directory, record, signer=self._signer)
        except (DrillError, OSError) as error:
            self._problem = str(error)

    def tell(self, reporter: pytest.TerminalReporter, reports: Path) -> None:
        """Say how far the chain has got, and loudly what nobody vouches for."""
        if self._seal is None:
            reporter.write_line(f"NOT SEALED: this evidence proves nothing later: {self._problem}", red=True, bold=True)
            return
        reporter.write_line(f"head: {self._seal.head} (noted elsewhere, it tells whether runs were removed)")
        if not self._seal.signed:
            reporter.write_line(
                f"UNSIGNED: whoever can write to {reports} can change this evidence unseen; "
                f"name a key in {VARIABLE} (dr-drill keys new makes one)",
                yellow=True,
                bold=True,
            )
