"""postgres_recover to a moment: what was committed before it is there, what came after is not."""

from datetime import datetime, timedelta

import pytest

from tests.backup_scripts import physical
from tests.backup_scripts.operating import Scripts


def recovered(recovering: Scripts, lost, *arguments: str) -> dict:
    made = recovering.done("postgres_recover", *arguments)
    lost.start()
    recovering.done("postgres_recover", "--await")
    return made


@pytest.mark.parametrize(("state", "way"), [("two", "time"), ("two", "name"), ("four", "lsn"), ("four", "time")])
def test_the_state_of_the_moment_comes_back_and_nothing_later(recovering: Scripts, lost, history, state, way):
    made = recovered(recovering, lost, "--target", getattr(history.moments[state], way))

    assert state == physical.state(lost)
    assert {"two": history.backups[0], "four": history.backups[3]}[state] == made["backup_id"]


def test_a_time_may_be_said_in_any_time_zone(recovering: Scripts, lost, history):
    moment = datetime.fromisoformat(history.moments["four"].time.removeprefix("time:"))
    local = (moment + timedelta(hours=7)).replace(tzinfo=None)
    recovered(recovering.on({"RECOVERY_TARGET": f"time:{local.isoformat()}+07:00"}), lost)

    assert "four" == physical.state(lost)


def test_an_older_backup_reaches_a_later_moment_too(recovering: Scripts, lost, history):
    target = {"RECOVERY_TARGET": history.moments["four"].name, "BACKUP_ID": history.backups[0]}
    made = recovered(recovering.on(target), lost)

    assert "four" == physical.state(lost)
    assert [history.backups[0]] == made["chain"]


def test_the_end_of_the_backup_itself_is_reached_without_any_log(recovering: Scripts, lost, history):
    (recovering.home / "wal").rename(recovering.home / ".lost")
    recovered(recovering, lost, history.backups[1], "--target", "immediate")

    assert "two" == physical.state(lost)


def test_a_moment_just_before_what_is_damaged_is_reached(recovering: Scripts, lost, history):
    target = history.moments["two"].lsn
    high, low = (int(part, 16) for part in target.removeprefix("lsn:").split("/"))
    own = f"00000001{high:08X}{low >> 24:08X}"
    later = [path for path in (recovering.home / "wal").glob("0*.gz") if own < path.name[:24]]
    for path in later:
        path.write_bytes(b"encrypted")
    recovered(recovering, lost, history.backups[0], "--target", target)

    assert [] != later
    assert "two" == physical.state(lost)


def test_the_end_of_the_archive_is_everything_from_a_chain_too(recovering: Scripts, lost, history):
    made = recovered(recovering, lost, history.backups[2])
    waited = recovering.done("postgres_recover", "--await")

    assert history.held == physical.held(lost)
    assert list(history.backups[:3]) == made["chain"]
    assert {"timeline", "seconds", "recovered_to"} == waited.keys()
    assert 2 == waited["timeline"]
    assert history.moments["five"].time.removeprefix("time:") < waited["recovered_to"]["time"]


def test_a_recovered_server_archives_nowhere(recovering: Scripts, lost, history):
    archived = sorted((recovering.home / "wal").iterdir())
    recovered(recovering, lost)
    with lost.connect("shop") as connection:
        settings = [
            connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("archive_mode", "archive_command", "synchronous_standby_names", "primary_conninfo")
        ]
        connection.execute("SELECT pg_switch_wal()")
    lost.stop()

    assert ["off", "(disabled)", "", ""] == settings
    assert archived == sorted((recovering.home / "wal").iterdir())


def archiving_again(lost, recovering: Scripts) -> None:
    with lost.connect("postgres") as connection:
        connection.execute("ALTER SYSTEM SET archive_mode = on")
    lost.stop()
    lost.start()
    physical.archiving(lost, recovering.repository)


def test_a_second_recovery_follows_the_new_timeline(recovering: Scripts, lost, history):
    recovered(recovering, lost, "--target", history.moments["four"].name)
    archiving_again(lost, recovering)
    made = recovering.done("postgres_basebackup")
    physical.change(lost, "another five")
    lost.stop()
    lost.lose_data()
    again = recovered(recovering, lost)

    assert "another five" == physical.state(lost)
    assert (2, made["id"]) == (made["source"]["timeline"], again["backup_id"])
    assert 3 == recovering.done("postgres_recover", "--await")["timeline"]


def test_an_old_backup_is_refused_where_nobody_knows_which_way_the_log_went(recovering: Scripts, lost, history):
    recovered(recovering, lost, "--target", history.moments["four"].name)
    archiving_again(lost, recovering)
    lost.stop()
    lost.lose_data()
    ran = recovering.run("postgres_recover")

    assert (3, "timeline-unreachable") == (ran.status, ran.slug)
    assert not lost.data.exists()


def test_a_server_that_does_not_answer_is_named(recovering: Scripts):
    ran = recovering.run("postgres_recover", "--await", "--patience", "1")

    assert (1, "server-not-back") == (ran.status, ran.slug)


def test_a_server_that_pauses_is_named(recovering: Scripts, lost, history):
    recovering.done("postgres_recover", "--target", history.moments["four"].name)
    with (lost.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("recovery_target_action = 'pause'\n")
    lost.start()
    ran = recovering.run("postgres_recover", "--await", "--patience", "1")

    assert (1, "still-in-recovery") == (ran.status, ran.slug)
    assert "replayed to" in ran.said
