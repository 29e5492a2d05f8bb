"""Where an operator types the document's commands that recover a whole machine: on that machine, as root.

The machine has been started from a recovery medium, its own disk is blank and the storage with its files is plugged in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drill.documented.desk import AS_WRITTEN, Said
from drill.evidence.attachments import attach_text
from drill.machines.rescue import STORAGE, LostMachine
from drill.policy import Policy

STANDS_FOR = {"/dev/backup_device": STORAGE}
"""What is meant by the document's placeholder; the rest of its words are typed as they are."""
BACKUP = "/mnt/backup"
"""Where the document has the storage mounted."""
SHOWN = 4000
"""So much of what a command has said is attached, its end: rsync names every file."""


@dataclass(frozen=True, slots=True)
class MachineDesk:
    """The place of one recovery: the document's commands, and the machine on which they are typed."""

    policy: Policy
    machine: LostMachine

    def run(self, identifier: str, *, meaning: Mapping[str, str] = STANDS_FOR) -> Said:
        """Carry out the document's command of this id on the machine and show what came of it.

        Args:
            identifier: of the command.
            meaning: words of the command, and what is typed for them.
        """
        command = self.policy.documented_command(identifier).command
        for words, meant in meaning.items():
            command = command.replace(words, meant)
        done = self.machine.attempt(command)
        said = Said(done.returncode, *(text.decode("utf-8", "replace") for text in (done.stdout, done.stderr)))
        attach_text(command, f"exit status {said.status}\n{said.answer[-SHOWN:]}{said.complaints[-SHOWN:]}")
        return said

    def run_as_written(self, identifier: str) -> Said:
        """Carry it out word for word, with the document's placeholder in it."""
        return self.run(identifier, meaning=AS_WRITTEN)

    def ask(self, question: str) -> str:
        """Give a command of our own to the machine and return what it answers.

        Raises:
            ServerError: it failed.
        """
        return self.machine.run(question).decode("utf-8", "replace").strip()

    def tells(self, question: str) -> bool:
        """Return whether a command of our own, whose status is its answer, ends with success."""
        return self.ask(f"if {question}; then echo yes; fi") == "yes"
