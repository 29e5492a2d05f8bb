"""The controls that a criterion may serve: the clauses of the standards that this suite knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from drill.policy.problems import UnreadableValue, suggestion

CONTROLS = {
    "NIST CP-4": "contingency plan testing",
    "NIST CP-6": "alternate storage site",
    "NIST CP-9": "system backup",
    "NIST CP-9(1)": "testing for reliability and integrity",
    "NIST CP-9(2)": "test restoration using sampling",
    "NIST CP-9(3)": "separate storage for critical information",
    "NIST CP-9(5)": "transfer to alternate storage site",
    "NIST CP-9(8)": "cryptographic protection",
    "NIST CP-10": "system recovery and reconstitution",
    "NIST CP-10(2)": "transaction recovery",
    "NIST CP-10(4)": "restore within time period",
    "ISO 27001 A.5.29": "information security during disruption",
    "ISO 27001 A.5.30": "ICT readiness for business continuity",
    "ISO 27001 A.8.13": "information backup",
    "ISO 27001 A.8.14": "redundancy of information processing facilities",
    "SOC 2 A1.2": "backup processes and recovery infrastructure",
    "SOC 2 A1.3": "testing of recovery plan procedures",
    "DORA 11(6)": "testing of continuity, response and recovery plans",
    "DORA 12(1)": "backup and restoration policies: scope and minimum frequency",
    "DORA 12(2)": "backup systems and their periodic testing",
    "DORA 12(3)": "restoration on segregated systems",
    "DORA 12(4)": "redundant capacities",
    "DORA 12(5)": "secondary processing site",
    "DORA 12(6)": "recovery time and recovery point objectives",
    "DORA 12(7)": "checks and reconciliations after recovery",
    "PCI DSS 9.4.1.1": "secure storage of offline backups",
    "PCI DSS 9.4.1.2": "yearly review of the offline location",
    "PCI DSS 10.5.1": "audit log retention",
    "PCI DSS 12.10.1": "incident response plan",
    "PCI DSS 12.10.2": "yearly test of the incident response plan",
}
"""Short titles of NIST SP 800-53 rev. 5, ISO/IEC 27001:2022, SOC 2, Regulation (EU) 2022/2554 and PCI DSS 4.0."""


def _known(name: str) -> str:
    if name not in CONTROLS:
        raise UnreadableValue(f"{name!r} is no known control", remedy=suggestion(name, CONTROLS))
    return name


Control = Annotated[str, AfterValidator(_known)]
