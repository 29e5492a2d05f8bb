"""What a run writes down of storage: every set that was measured once, at the policy's price."""

import pytest
from msgspec.structs import asdict

from drill.evidence.journal import Journal
from drill.inventory.storage import Storage
from drill.policy.storage import StoragePrice
from drill.reporting import reading
from tests.evidence.examples import report

GB = 10**9


def measured(name, stored, *, growth=None):
    """The events of a scenario that measured a set which holds twice what it takes."""
    journal = Journal()
    room = Storage(1, 1, stored, 2 * stored, growth, free_bytes=1)
    journal.event(**room.event(name))
    return journal.events


def finished(run, *events):
    for number, each in enumerate(events):
        run.expect({report(str(number)).record.node: ()})
        run.take(report(str(number), events=each))
    return run.finish(status=0, totals={}).storage


def test_sets_are_added_up_each_as_it_was_largest(run):
    storage = finished(run, measured("redis", GB), measured("postgres", 2 * GB), measured("redis", 3 * GB))

    assert (5 * GB, 10 * GB, 0.5) == (storage.stored_bytes, storage.source_bytes, storage.ratio)


def test_it_costs_what_the_policy_says(run):
    run.policy = run.policy.model_copy(update={"storage": StoragePrice(price_per_gb_month=0.25, currency="EUR")})
    storage = finished(run, measured("redis", 8 * GB))

    assert (2.0, "EUR") == (storage.cost_per_month, storage.currency)


def test_without_a_price_no_cost_is_told(run):
    run.policy = run.policy.model_copy(update={"storage": None})
    storage = finished(run, measured("redis", GB))

    assert (None, None) == (storage.cost_per_month, storage.currency)


@pytest.mark.parametrize(("growths", "told"), [((1.5, 2.0), 3.5), ((1.5, None), None)])
def test_growth_is_told_where_it_is_known_of_every_set(run, growths, told):
    one, other = growths

    assert told == finished(run, measured("a", 1, growth=one), measured("b", 1, growth=other)).growth_bytes_per_day


def test_a_run_that_measured_no_storage_says_so(run):
    assert finished(run, []) is None


def test_the_report_reads_what_the_run_wrote(run):
    storage = finished(run, measured("redis", GB))
    read = reading.record(run.directory.parent.parent, run.id)

    assert storage.model_dump() == asdict(read.storage)
