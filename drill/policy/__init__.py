"""The written backup and recovery policy as data: policy.toml, typed, validated and searchable.

``load`` is the door. Everything else is what a loaded policy is made of.
"""

from drill.policy.claims import Attestation, Criterion
from drill.policy.command import Command, Kind, Procedure
from drill.policy.contradictions import KnownContradiction
from drill.policy.documented import Documented
from drill.policy.encryption import Encryption
from drill.policy.gating import Gate, Suppression
from drill.policy.loading import find, load, parse
from drill.policy.models import Policy
from drill.policy.notification import Notification
from drill.policy.objective import Comparison, Objective
from drill.policy.offsite import Offsite
from drill.policy.problems import PolicyError, Problem, UnreadableValue
from drill.policy.quantity import Quantity, Value
from drill.policy.recovery import RecoveryStep
from drill.policy.retention import Retention
from drill.policy.routine import Routine
from drill.policy.schedule import Schedule, Timetable

__all__ = [
    "Attestation",
    "Command",
    "Comparison",
    "Criterion",
    "Documented",
    "Encryption",
    "Gate",
    "Kind",
    "KnownContradiction",
    "Notification",
    "Objective",
    "Offsite",
    "Policy",
    "PolicyError",
    "Problem",
    "Procedure",
    "Quantity",
    "RecoveryStep",
    "Retention",
    "Routine",
    "Schedule",
    "Suppression",
    "Timetable",
    "UnreadableValue",
    "Value",
    "find",
    "load",
    "parse",
]
