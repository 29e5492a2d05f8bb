"""Procedures: command lines that are split, filled in and found without a shell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.policy import Command, PolicyError, UnreadableValue, parse
from drill.policy.command import PLACEHOLDERS


def test_words_are_split_as_a_shell_would_split_them():
    command = Command.parse("""bash -c 'pg_dump "$PGDATABASE" | zstd' "two words" {target}""")

    assert ["bash", "-c", 'pg_dump "$PGDATABASE" | zstd', "two words", "/a b"] == command.argv({"target": "/a b"})


@given(st.text())
def test_a_value_stays_one_word_whatever_is_in_it(value):
    command = Command.parse("restore --id={backup_id} {backup_id}")

    assert ["restore", f"--id={value}", value] == command.argv({"backup_id": value})


def test_braces_of_other_languages_are_left_alone():
    assert ["awk", "{print $1}", "{}"] == Command.parse("awk '{print $1}' {}").argv({})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "'' is no command line"),
        ("   ", "is no command line"),
        (["pg_dump"], "is no command line"),
        ("echo 'open", "cannot be split into words (No closing quotation)"),
        ("restore {backupid}", "has the unknown placeholder {backupid}"),
    ],
)
def test_a_command_line_that_cannot_be_run_is_refused(text, what):
    with pytest.raises(UnreadableValue) as caught:
        Command.parse(text)

    assert what in caught.value.what


def test_an_unknown_placeholder_names_the_nearest_known_one():
    with pytest.raises(UnreadableValue, match=r"did you mean 'backup_id'\?"):
        Command.parse("restore {backupid}")


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_without_a_value_is_an_error(name):
    with pytest.raises(UnreadableValue, match=f"wants {{{name}}}, which is not known here"):
        Command.parse(f"restore {{{name}}}").argv({})


def test_a_procedure_runs_the_commands_of_the_policy(shipped_policy):
    postgres = shipped_policy.procedures["postgres"]

    assert ["python", "-m", "backup_scripts.postgres_dump", "--compress=gzip:1"] == postgres.argv("backup", {})
    assert ["python", "-m", "backup_scripts.postgres_restore"] == postgres.argv("restore", {"backup_id": "x"})


def test_a_command_that_the_policy_does_not_give_is_an_error(shipped_policy):
    with pytest.raises(UnreadableValue, match=r"'redis' has no verify command; add verify = … to \[procedures.redis\]"):
        shipped_policy.procedures["redis"].argv("verify", {})


def test_a_procedure_is_pruned_by_its_own_command_before_the_common_one(shipped_text, policy_file):
    own = shipped_text.replace('set = "redis"', 'set = "redis"\nprune = "expire {target}"')
    policy = parse(own, file=policy_file)

    assert "expire {target}" == str(policy.prune_command("redis"))
    assert policy.retention.prune == policy.prune_command("postgres")


def test_a_program_that_cannot_be_found_is_named_with_its_key(shipped_text, tmp_path):
    (tmp_path / "python").touch(mode=0o755)
    policy = parse(
        shipped_text.replace("python -m backup_scripts.redis_restore", "./restore.sh").replace(
            "python -m backup_scripts.redis_snapshot", "valkey-save"
        ),
        file=tmp_path / "policy.toml",
    )

    with pytest.raises(PolicyError) as caught:
        policy.require_programs(search_path=str(tmp_path))

    keys = [each.key for each in caught.value.problems]
    assert ["procedures.redis.backup", "procedures.redis.restore"] == keys[:2]
    assert "the program 'valkey-save' cannot be found" == caught.value.problems[0].what
    assert f"{tmp_path}/policy.toml has {len(keys)} problems" in str(caught.value)


def test_a_missing_program_of_the_server_is_named_with_its_key(shipped_text, tmp_path):
    (tmp_path / "python").touch(mode=0o755)
    policy = parse(shipped_text, file=tmp_path / "policy.toml")

    with pytest.raises(PolicyError) as caught:
        policy.require_programs(search_path=str(tmp_path))

    assert ("procedures.postgres-physical.server_programs", "there is no file backup_scripts/postgres_wal") == (
        caught.value.problems[0].key,
        caught.value.problems[0].what,
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('archive_timeout = "5 min"', "archive and archive_timeout go together"),
        ('receiver_restart = "1 min"', "receive and receiver_restart go together"),
        ('fetch = "postgres_wal fetch %f %p"', "the write-ahead log is kept and nothing fetches it"),
    ],
)
def test_a_log_that_is_kept_by_halves_is_an_error(shipped_text, policy_file, line, said):
    assert line in shipped_text

    with pytest.raises(PolicyError, match=said):
        parse(shipped_text.replace(line, "", 1), file=policy_file)


def test_a_program_with_a_slash_is_found_beside_the_policy(shipped_text, tmp_path):
    (tmp_path / "restore.sh").touch(mode=0o755)
    (tmp_path / "python").touch(mode=0o755)
    (tmp_path / "backup_scripts").mkdir()
    (tmp_path / "backup_scripts" / "postgres_wal").touch(mode=0o755)
    policy = parse(
        shipped_text.replace("python -m backup_scripts.redis_restore", "./restore.sh"), file=tmp_path / "policy.toml"
    )

    assert policy.require_programs(search_path=str(tmp_path)) is None


def test_a_file_that_may_not_be_executed_is_no_program(shipped_policy, tmp_path):
    (tmp_path / "python").touch(mode=0o644)

    with pytest.raises(PolicyError, match="'python' cannot be found"):
        shipped_policy.require_programs(search_path=str(tmp_path), kinds=("backup",))
