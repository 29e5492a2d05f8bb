"""Whether a database can be worked with: what holding the right content does not show.

``noted`` looks at a database while all is well, ``lost`` says what a restored one lacks of that. Both read the
catalogues and try things out in transactions that are rolled back, so they serve any database.
"""

from drill.usability.finding import RIGHTS, STRUCTURE, WRITING, Finding
from drill.usability.latency import Latency, timed, timed_from_start
from drill.usability.usage import Usage, lost, noted

__all__ = [
    "RIGHTS",
    "STRUCTURE",
    "WRITING",
    "Finding",
    "Latency",
    "Usage",
    "lost",
    "noted",
    "timed",
    "timed_from_start",
]
