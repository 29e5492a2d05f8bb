"""Drills of two criteria that are on record, and what the gate decides from them."""

from datetime import timedelta

from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from drill.gate.decision import decide
from tests.evidence.examples import report
from tests.evidence.stores import BEGINNING, sealed

NOW = BEGINNING + timedelta(hours=1)
WHOLE = {"INT-DB": 1, "RTO-DB": 1}


def drilled(reports, *, database=Verdict.PROVEN, recovery=Verdict.PROVEN, totals=WHOLE, minutes=0, **further):
    """A run that selected the scenarios of both criteria."""
    scenarios = [report("a", "INT-DB", verdict=database), report("b", "RTO-DB", verdict=recovery)]
    return sealed(reports, *scenarios, totals=totals, at=BEGINNING + timedelta(minutes=minutes), **further)[0]


def tried(reports, verdict, *, minutes, criterion="INT-DB", **further):
    """A run that selected one scenario."""
    at = BEGINNING + timedelta(minutes=minutes)
    return sealed(reports, report("a", criterion, verdict=verdict), totals=WHOLE, at=at, **further)[0]


def gate(policy, reports, *, now=NOW, **further):
    reports.mkdir(exist_ok=True)
    return decide(policy, verify(reports, **further), reports=reports, now=now)


def of(decision):
    return {check.id: check.verdict for check in decision.checks}
