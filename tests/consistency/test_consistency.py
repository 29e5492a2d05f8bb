"""What is scheduled against what is promised: every contradiction found, none made up."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from drill.consistency import checked
from drill.consistency.durations import takings
from drill.damage.schedule import SLIPS, slipped
from drill.errors import DrillError
from drill.policy import Encryption, Schedule, parse
from tests.procedures import SHIPPED

TEXT = SHIPPED.file.read_text("utf-8")


def found(policy):
    return {each.id for each in checked(policy).contradictions}


@cache
def shipped():
    """What is found in the shipped policy."""
    return frozenset(found(SHIPPED))


@cache
def contradictions(slip):
    return checked(slipped(SHIPPED, slip)).contradictions


def changed(*pairs):
    text = TEXT
    for right, wrong in pairs:
        assert right in text
        text = text.replace(right, wrong, 1)
    return parse(text, file=SHIPPED.file)


def entry(procedure="redis", action="backup", cron="0 2 * * *", zone="Asia/Ho_Chi_Minh"):
    return Schedule.model_construct(
        procedure=procedure, action=action, cron=cron, time_zone=zone, frequency="daily", origin="document", reason=None
    )


def test_the_document_s_own_nightly_dump_is_the_first_contradiction_to_be_seen():
    first = checked(SHIPPED).contradictions[0]

    assert "document-loss:database-postgres" == first.id
    assert "1 d between two backups, 30 min for one; less than 1 h is promised" in first.what
    assert "schedule[1] postgres '0 2 * * *'" in first.where
    assert "RPO-DB" in first.where
    assert "keep what was added: postgres-streaming loses 1 min at worst" == first.remedy


def test_every_contradiction_says_what_where_and_what_to_do_and_has_an_id_of_its_own():
    for slip in SLIPS:
        ids = [each.id for each in contradictions(slip)]
        assert all(each.what and each.where and each.remedy for each in contradictions(slip))
        assert len(ids) == len(set(ids))


def test_what_is_known_in_the_shipped_policy_is_all_there_is():
    assert [] == checked(SHIPPED).differences


@pytest.mark.parametrize("slip", SLIPS)
def test_every_slip_is_noticed(slip):
    assert {each.id for each in contradictions(slip)} - shipped()


def test_a_slip_that_nobody_knows_is_an_error():
    with pytest.raises(DrillError, match="no slip 'all is well'"):
        slipped(SHIPPED, "all is well")


def test_exactly_the_promised_span_is_more_than_less_than_it():
    an_hour = changed(('archive_timeout = "5 min"', 'archive_timeout = "60 min"'))
    physical = an_hour.model_copy(
        update={"procedures": {name: each for name, each in an_hour.procedures.items() if name != "postgres-streaming"}}
    ).with_schedule(each for each in an_hour.schedule if each.procedure != "postgres-streaming")

    assert timedelta(hours=1) == checked(physical).standing("postgres-physical").loss.window
    assert "loss:database-postgres" in found(physical)


def test_data_with_procedures_of_which_none_is_scheduled_is_not_kept():
    (loss,) = [each for each in checked(SHIPPED.with_schedule([])).contradictions if each.id == "loss:database-redis"]

    assert "no backup is scheduled, and less than 1 h is promised" == loss.what
    assert "redis, redis-bgsave, redis-appendonly" in loss.remedy


def test_secrets_are_said_to_be_kept_as_they_are_where_and_as_long_as_no_key_is_named():
    kept = {each.id: each for each in checked(SHIPPED).contradictions if each.kind == "unencrypted"}
    key = Encryption(recipient="age1" + "q" * 58, identity_file=Path("backup.key"))
    encrypting = SHIPPED.model_copy(update={"encryption": key})

    stores = ("database-postgres", "database-redis", "configuration-files", "user-data-files", "system-machine")
    assert {f"unencrypted:{store}" for store in stores} == kept.keys()
    assert kept["unencrypted:configuration-files"].what.startswith(
        "srv/counting/.env, etc/shadow, etc/ssl/private: whoever gets at the repository, or at its copies at the other"
    )
    assert ("encryption", "procedures.configuration", "procedures.security-configuration") == (
        kept["unencrypted:configuration-files"].where
    )
    assert kept.keys() == shipped() - found(encrypting)
    assert kept.keys() == {each.id for each in checked(encrypting).outdated}


def test_a_place_is_a_secret_for_whoever_covers_it_or_a_part_of_it():
    hidden = changed(('secrets = ["srv/counting/.env", ', 'secrets = ["var/log/counting/tokens", "srv", '))

    assert {"unencrypted:logs-files", "unencrypted:source-code-files"} <= found(hidden) - shipped()


def test_a_size_of_production_without_a_procedure_is_told():
    assert "no-procedure:files" not in shipped()
    assert "no-procedure:files" in found(changed(('user-data = "500 GB"\n', 'user-data = "500 GB"\nfiles = "2 TB"\n')))


def test_another_time_on_the_same_set_is_no_clash():
    apart = [entry(), entry(cron="1 2 * * *"), entry("postgres")]
    together = [entry(), entry(cron="0 1-2 * * *")]
    elsewhere = [entry(), entry(cron="0 19 * * *", zone="UTC")]

    assert "clash:redis" not in found(SHIPPED.with_schedule(apart))
    assert "clash:redis" in found(SHIPPED.with_schedule(together))
    assert "clash:redis" in found(SHIPPED.with_schedule(elsewhere)), "the same moment in two time zones"


@pytest.mark.parametrize(
    ("cron", "zone", "doubtful"),
    [
        ("30 2 * * *", "Europe/Berlin", True),
        ("59 1 * * *", "Europe/Berlin", False),
        ("0 3 * * *", "Europe/Berlin", False),
        ("*/15 * * * *", "Europe/Berlin", False),
        ("30 0-23 * * *", "Europe/Berlin", True),  # once in the hour that comes twice
        ("*/15 * * * SUN", "Europe/Berlin", True),  # some schedulers leave out the second hour
        ("30 1 * * *", "America/New_York", True),  # comes twice in November
        ("30 2 * * MON", "Europe/Berlin", False),  # clocks are changed on Sundays
        ("45 1 * * *", "Australia/Lord_Howe", True),  # half an hour
        ("30 2 * * *", "Asia/Ho_Chi_Minh", False),
    ],
)
def test_a_time_at_which_clocks_are_changed_is_doubtful(cron, zone, doubtful):
    assert doubtful == ("clock-change:redis-backup" in found(SHIPPED.with_schedule([entry(cron=cron, zone=zone)])))


def test_an_interval_promised_of_any_data_is_kept_when_all_of_it_is():
    stores = (
        "postgres",
        "redis",
        "configuration",
        "user-data",
        "logs",
        "application-state",
        "source-code",
        "source-tree",
        "system",
    )
    verified = [entry(name, "verify", "0 5 * * *") for name in stores]
    others = [each for each in SHIPPED.schedule if each.action != "verify"]

    assert "interval:SCH-VERIFY" in found(SHIPPED.with_schedule([*others, *verified[1:]]))
    assert "interval:SCH-VERIFY" not in found(SHIPPED.with_schedule([*others, *verified]))


def test_a_day_of_twenty_five_hours_is_a_day():
    nightly = [entry("postgres", zone="Europe/Berlin", cron="0 1 * * *"), entry("redis")]

    assert timedelta(hours=25) == nightly[0].longest_gap()
    assert "interval:SCH-DB" not in found(SHIPPED.with_schedule(nightly))


def test_an_interval_needs_a_duration():
    with pytest.raises(DrillError, match=r"criteria\[SIZE\].*backup can be promised every so often, not = 100 %"):
        changed(('objective = "= 100 %"\n', 'objective = "= 100 %"\nevery = "backup"\n'))


def test_a_record_names_a_criterion_that_there_is():
    with pytest.raises(DrillError, match="'RPO-CASH' is no criterion; did you mean 'RPO-CACHE'"):
        changed(('shown_by = "RPO-CACHE"', 'shown_by = "RPO-CASH"'))


def locked(**changes):
    return {each for each in found(SHIPPED.with_offsite(**changes)) if each.startswith("lock-")}


def test_a_lock_that_ends_before_retention_does_is_told():
    (shorter,) = [
        each
        for each in checked(SHIPPED.with_offsite(lock_term=timedelta(days=29))).contradictions
        if each.id == "lock-term:offsite"
    ]

    assert "copies are locked for 29 d and promised for 30 d: in between they can be removed" == shorter.what
    assert ("offsite.lock_term", "retention.minimum") == shorter.where[:2]
    assert "lock-term:offsite" not in locked(lock_term=timedelta(days=30))


def test_compliance_copies_are_locked_for_their_own_term_or_it_is_told():
    years = SHIPPED.retention.copies["compliance"]

    assert {"lock-term:compliance"} == locked()
    assert set() == locked(lock_term=years)
    assert {"lock-term:compliance"} == locked(lock_term=years - timedelta(days=1))


@pytest.mark.parametrize(
    ("mode", "what"), [(None, "are not locked"), ("governance", "administrators may remove"), ("compliance", None)]
)
def test_a_lock_that_does_not_hold_is_told(mode, what):
    told = [
        each.what for each in checked(SHIPPED.with_offsite(lock_mode=mode)).contradictions if each.kind == "lock-mode"
    ]

    assert bool(what) == bool(told)
    assert not what or what in told[0]


def test_without_another_site_nothing_is_lost_with_it():
    nowhere = SHIPPED.model_copy(update={"offsite": None})
    unscheduled = nowhere.with_schedule(each for each in nowhere.schedule if not each.action.startswith("copy"))

    assert set() == {each for each in found(unscheduled) if each.startswith(("site-loss", "lock-"))}


def test_every_procedure_that_is_backed_up_has_its_backups_read_again():
    one_less = SHIPPED.with_schedule(
        each for each in SHIPPED.schedule if (each.procedure, each.action) != ("logs", "verify")
    )

    assert {"never-verified:logs", "interval:SCH-VERIFY"} == found(one_less) - shipped()


def event(**facts):
    told = {"kind": "backup", "procedure": "redis", "status": 0, "seconds": 90.0, "parent": None} | facts
    return json.dumps(told)


@pytest.fixture
def reports(tmp_path):
    run = tmp_path / "runs" / "20260301T020000Z-cafe"
    run.mkdir(parents=True)
    (tmp_path / "latest").symlink_to(run)
    lines = [
        event(),
        event(seconds=120.0),
        event(seconds=999.0, status=1),
        event(seconds=999.0, parent="20260301T010000Z-full"),
        event(seconds=999.0, kind="recovery"),
        '{"cut off',
    ]
    (run / "events.jsonl").write_text("\n".join(lines), "utf-8")
    return tmp_path


def test_a_backup_takes_what_the_newest_run_measured_and_otherwise_what_it_may(reports):
    taken = takings(SHIPPED, reports=reports)

    assert (timedelta(minutes=2), "measured") == (taken["redis"].time, taken["redis"].known)
    assert "run 20260301T020000Z-cafe" in taken["redis"].source
    assert (timedelta(minutes=30), "allowed") == (taken["postgres"].time, taken["postgres"].known)
    assert "procedures.postgres.time_limit" == taken["postgres"].source


def test_the_document_s_limit_counts_where_it_is_the_lower_one():
    policy = slipped(changed(('duration = "2 h"', 'duration = "20 min"')), "everything runs once a week")

    assert (timedelta(minutes=20), "backup.duration") == (
        takings(policy)["postgres"].time,
        takings(policy)["postgres"].source,
    )


def test_without_a_run_nothing_is_measured(tmp_path):
    assert {"allowed"} == {each.known for each in takings(SHIPPED, reports=tmp_path).values()}


def test_ages_follow_from_the_schedule_and_the_term():
    ages = checked(SHIPPED).standing("redis").ages

    assert timedelta(minutes=25) == ages.newest
    assert timedelta(days=30) == ages.oldest
    assert timedelta(days=31, minutes=15) == ages.removed
    assert checked(slipped(SHIPPED, "nothing removes old backups")).standing("redis").ages.removed is None
