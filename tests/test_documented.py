"""What is on record about the document's commands is held against what they do, and a better command is seen."""

from __future__ import annotations

import pytest

from drill.documented import Trial, tried, tried_on_cache
from drill.errors import DrillError
from drill.stores import DatabaseCopy
from tests.procedures import SHIPPED

DRY_RUN = SHIPPED.documented_command("dry-run")
BETTER = [
    ("full-backup", "{ pg_dumpall --roles-only; pg_dump -d database_name; } > backup.sql", ()),
    (
        "incremental-backup",
        "true > incremental_backup.sql",
        ("what was deleted is back", "what was added is not carried over"),
    ),
    ("dry-run", "pg_restore --list backup.sql", ("the program cannot read such a backup",)),
    ("restore-anew", "tail -n 1 backup.sql | grep -q complete && psql -d database_name < backup.sql", ()),
    ("restore-over", "psql --set ON_ERROR_STOP=1 -d database_name < backup.sql", ("what went wrong stays wrong",)),
    ("count", 'psql -d database_name -c "SELECT sum(inbound) FROM table_name;"', ()),
    ("checksum", "test -e sums || md5sum backup_file.tar.gz > sums; md5sum -c sums", ()),
    ("size", "md5sum backup_directory/*", ()),
    ("age", "find backup_directory/ -mtime +30 -delete", ()),
]


def policy_with(identifier, **facts):
    changed = SHIPPED.documented_command(identifier).model_copy(update=facts)
    entries = tuple(changed if entry.id == identifier else entry for entry in SHIPPED.documented)
    return SHIPPED.model_copy(update={"documented": entries})


def test_a_record_that_is_true_has_no_contradictions():
    assert [] == Trial(DRY_RUN, DRY_RUN.deviations).contradictions


def test_a_command_that_became_better_contradicts_its_record():
    assert ["on record, but not so: there is no such option"] == Trial(DRY_RUN, DRY_RUN.deviations[1:]).contradictions


def test_a_command_that_became_worse_contradicts_its_record():
    assert ["not on record: it burns"] == Trial(DRY_RUN, (*DRY_RUN.deviations, "it burns")).contradictions


@pytest.mark.postgres
@pytest.mark.parametrize(("identifier", "command", "left"), BETTER, ids=[row[0] for row in BETTER])
def test_a_better_command_is_found_less_wanting(postgres, database_name, clusters, identifier, command, left):
    policy = policy_with(identifier, command=command)

    trial = tried(identifier, store=DatabaseCopy(postgres, name=database_name), policy=policy, clusters=clusters)

    assert left == trial.found


@pytest.mark.postgres
def test_a_command_without_a_trial_is_an_error(postgres, database_name, clusters):
    policy = SHIPPED.model_copy(update={"documented": (DRY_RUN.model_copy(update={"id": "wet-run"}),)})

    with pytest.raises(DrillError, match="no trial for 'wet-run'; use one of full-backup, "):
        tried("wet-run", store=DatabaseCopy(postgres, name=database_name), policy=policy, clusters=clusters)


BETTER_ON_CACHE = [
    ("bgsave", "redis-cli -e SAVE", ("the users are missing", "the settings of the moment are missing")),
    (
        "bgrewriteaof",
        "redis-cli CONFIG GET appendonly | grep -q yes && redis-cli BGREWRITEAOF",
        ("it copies nothing to another place, so that the disk takes the backup with it",),
    ),
    ("rdb-copy", "head -c 9 /path/to/backup.rdb | cmp - /path/to/backup.rdb", ()),
    (
        "put-back",
        'redis-cli CONFIG SET save ""; cp backup.rdb /var/lib/redis/dump.rdb',
        ("a server that keeps an append-only file starts healthy and empty",),
    ),
    ("keys", "redis-cli INFO keyspace | grep --only-matching 'db[0-9]*:keys=[0-9]*'", ("altered values pass",)),
]


@pytest.mark.redis
@pytest.mark.parametrize(("identifier", "command", "left"), BETTER_ON_CACHE, ids=[row[0] for row in BETTER_ON_CACHE])
def test_a_better_command_for_redis_is_found_less_wanting(redis_servers, identifier, command, left):
    trial = tried_on_cache(identifier, policy=policy_with(identifier, command=command), servers=redis_servers)

    assert left == trial.found


def test_a_redis_command_without_a_trial_is_an_error(redis_servers):
    policy = SHIPPED.model_copy(update={"documented": (DRY_RUN.model_copy(update={"id": "wet-run"}),)})

    with pytest.raises(DrillError, match="no trial for 'wet-run'; use one of bgsave, "):
        tried_on_cache("wet-run", policy=policy, servers=redis_servers)
