"""Whatever runs the counting application of a whole machine: it has answered when the application has."""

from __future__ import annotations

import http.client
from abc import abstractmethod

from drill.errors import DrillError
from drill.servers.process import ServerProcess

QUESTION = "/health"
ANSWER_WITHIN = 60
"""In seconds: for one answer of a machine that is up; an emulated one shares the processors with everything else."""


class Silent(DrillError):
    """The machine's application gave no answer."""


class ApplicationServer(ServerProcess):
    """A server that runs the application, with all that it needs on a disk of its own."""

    @abstractmethod
    def run(self, script: str) -> bytes:
        """Run a shell script on its disk, with its own programs, and return what it wrote.

        Raises:
            DrillError: it failed; the message ends with what was said.
        """

    def ask(self) -> str:
        """Return the application's answer.

        Raises:
            Silent: it gave none.
        """
        status, text = self._asked()
        if status != http.client.OK:
            raise Silent(f"{self} answered {status}: {text.strip()}", remedy="read its console")
        return text

    def _answers(self) -> bool:
        """Tell whether it says anything: one that has started and cannot answer will not do so by being waited for."""
        try:
            self._asked()
        except Silent:
            return False
        return True

    def _asked(self) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_WITHIN)
        try:
            connection.request("GET", QUESTION)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise Silent(f"{self} gave no answer ({error!r})", remedy="read its console beside the evidence") from error
        finally:
            connection.close()
