"""Whom backups are encrypted to is the policy's; the secret key never is."""

from pathlib import Path

import pytest

from drill.policy import Encryption, PolicyError, parse
from drill.secrecy.encryption import make_key
from tests.procedures import TELL_ENVIRONMENT, Target, runbook_with
from tests.repositories import LAST_NIGHT

FILE = Path("/there/policy.toml")
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SECRET = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"


def with_encryption(text, *lines):
    return text.replace("[production]", "\n".join(["[encryption]", *lines, "", "[production]"]), 1)


def problems(text):
    with pytest.raises(PolicyError) as caught:
        parse(text, file=FILE)
    return caught.value


def test_the_shipped_policy_encrypts_nothing_and_says_how_to(shipped_policy, shipped_text):
    assert None is shipped_policy.encryption
    assert "\n# [encryption]\n" in shipped_text


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("backup", {"BACKUP_RECIPIENT": RECIPIENT}),
        ("incremental", {"BACKUP_RECIPIENT": RECIPIENT, "BACKUP_IDENTITY_FILE": "/there/keys/backup.key"}),
        ("restore", {"BACKUP_IDENTITY_FILE": "/there/keys/backup.key"}),
        ("verify", {"BACKUP_IDENTITY_FILE": "/there/keys/backup.key"}),
        ("prune", {}),
    ],
)
def test_a_command_is_told_of_the_keys_that_it_needs_and_no_others(shipped_text, kind, told):
    lines = (f'recipient = "{RECIPIENT}"', 'identity_file = "keys/backup.key"')
    policy = parse(with_encryption(shipped_text, *lines), file=FILE)

    assert told == policy.encryption.variables(kind, directory=policy.directory)


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        (lambda runbook: runbook.back_up(Target()), {"BACKUP_RECIPIENT"}),
        (lambda runbook: runbook.restore(Target(), "x"), {"BACKUP_IDENTITY_FILE"}),
        (lambda runbook: runbook.prune("redis", now=LAST_NIGHT), set()),
    ],
)
def test_the_keys_are_handed_to_the_commands_only_where_the_policy_encrypts(tmp_path, attempt, told):
    runbook = runbook_with(tmp_path, **dict.fromkeys(("backup", "restore", "prune"), TELL_ENVIRONMENT))
    without = attempt(runbook).result.keys()
    encryption = Encryption(recipient=RECIPIENT, identity_file=Path("backup.key"))
    runbook.policy = runbook.policy.model_copy(update={"encryption": encryption})

    assert told == attempt(runbook).result.keys() - without
    assert set() == {"BACKUP_RECIPIENT", "BACKUP_IDENTITY_FILE"} & without


def test_keys_that_the_drill_makes_are_such_as_a_policy_takes(shipped_text, tmp_path):
    recipient = make_key(tmp_path / "key")
    lines = (f'recipient = "{recipient}"', 'identity_file = "/keys/backup.key"')
    policy = parse(with_encryption(shipped_text, *lines), file=FILE)

    assert {"BACKUP_IDENTITY_FILE": "/keys/backup.key"} == policy.encryption.variables("restore", directory=tmp_path)
    assert 0o600 == (tmp_path / "key").stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("lines", "key", "what", "remedy"),
    [
        ((f'recipient = "{RECIPIENT}"',), "encryption.identity_file", "is missing", 'identity_file = "backup.key"'),
        (('identity_file = "a"',), "encryption.recipient", "is missing", 'add recipient = "age1…"'),
        (('recipient = "age1x"', 'identity_file = "a"'), "encryption.recipient", "no public key of age", "age-keygen"),
        ((f'recipient = "{RECIPIENT}x"', 'identity_file = "a"'), "encryption.recipient", "no public key of age", ""),
        (("recipient = 1", 'identity_file = "a"'), "encryption.recipient", "1 is no public key of age", ""),
        (
            (f'recipient = "{RECIPIENT}"', "identity_file = 1"),
            "encryption.identity_file",
            "1",
            'write identity_file = "backup.key"',
        ),
        (
            (f'recipient = "{RECIPIENT}"', 'identity_file = "a"', 'identity = "x"'),
            "encryption.identity",
            "is no known key",
            "did you mean 'identity_file'?",
        ),
    ],
)
def test_encryption_by_halves_is_one_problem_with_a_remedy(shipped_text, lines, key, what, remedy):
    (problem,) = problems(with_encryption(shipped_text, *lines)).problems

    assert key == problem.key
    assert what in problem.what
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    "line",
    [
        f'recipient = "{SECRET}"',
        f'identity_file = "{SECRET}"',
        f"# the key is {SECRET}",
        f'recipient = "{SECRET.lower()}"',
        f'identity_file = "{SECRET}',
    ],
)
def test_a_secret_key_in_the_policy_is_refused_and_not_told(shipped_text, line):
    error = problems(with_encryption(shipped_text, line))

    assert ["holds a secret key of age"] == [problem.what for problem in error.problems]
    assert line in with_encryption(shipped_text, line).splitlines()[int(error.problems[0].key.split()[1]) - 1]
    assert "keep it in a file of its own" in error.remedy
    assert "QQQ" not in str(error).upper()
