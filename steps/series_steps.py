"""Steps about many backups in a row."""

from datetime import UTC, datetime

from pytest_bdd import parsers, then, when

from drill.backups.series import Series, take_series
from drill.commands.runbook import DONE, Runbook
from drill.evidence.history import Tries, backup_series
from drill.evidence.journal import Journal
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.statistics import success_rate_at_least
from drill.stores import ClusterStore


@when(parsers.parse("{number:d} backups of every kind are taken in a row"), target_fixture="series")
def taken_in_a_row(store: ClusterStore, number: int, runbook: Runbook, settings: Settings, policy: Policy) -> Series:
    earlier = backup_series(settings.reports, since=datetime.now(UTC) - policy.retention.minimum)
    return take_series(store, number, runbook=runbook, earlier=earlier)


@then("all of them are done")
def all_done(series: Series) -> None:
    assert [] == [str(outcome) for _, outcome in series.outcomes if outcome.status != DONE]


@then(parsers.parse("the lowest plausible rate of success meets {criterion}"))
def rate_meets(series: Series, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, series.lowest_rate)

    assert policy.criterion(criterion).objective.met_by(series.lowest_rate), str(series.tries)


@then(parsers.parse("the lowest plausible rate of success misses {criterion} where no others are on record"))
def rate_misses(series: Series, criterion: str, policy: Policy) -> None:
    alone = Tries(len(series.outcomes), len(series.outcomes))

    assert not policy.criterion(criterion).objective.met_by(success_rate_at_least(alone.done, alone.number))
