"""A policy that says something that cannot be: every error names file, key and remedy, all at once."""

import re
from pathlib import Path

import pytest

from drill.errors import DrillError
from drill.policy import PolicyError, find, load, parse

FILE = Path("there/policy.toml")

# What is written, what is written instead, where that is, what is wrong, what to do about it.
MISTAKES = [
    ("scale = 1", "scael = 1", "estate.scael", "is no known key", "did you mean 'scale'?"),
    ("[backup]", "[bakcup]", "bakcup", "is no known key", "did you mean 'backup'?"),
    ('set = "redis"', 'sett = "redis"', "procedures.redis.sett", "is no known key", "did you mean 'set'?"),
    ("seed = 20260101", "", "estate.seed", "is missing", "add seed = 20260101"),
    ("seed = 20260101", 'seed = "1"', "estate.seed", "'1' is not a whole number", "write seed = 20260101"),
    ("scale = 1", "scale = 0", "estate.scale", "0: should be greater than or equal to 1", ""),
    ("schema = 1", "schema = 2", "schema", "2: should be 1", "write schema = 1"),
    ('default = "auto"', 'default = "podman"', "runtime.default", "should be 'auto', 'docker' or 'embedded'", ""),
    ("postgres:18", "postgres", "runtime.images.postgres", "'postgres' names no fixed version", 'as in "postgres:18"'),
    ("postgres:18", "h:5000/pg:latest", "runtime.images.postgres", "names no fixed version", "write a tag or digest"),
    ('rto = "8 h"', 'rto = "8 hrs"', "tiers.important.rto", "unknown unit 'hrs'", "one of: ms, s, min, h, d for a dur"),
    ('rto = "8 h"', "rto = 8", "tiers.important.rto", "8 is a bare int without a unit", "write a number and one of"),
    ('rto = "8 h"', 'rto = "8 %"', "tiers.important.rto", "'8 %' is no duration", "write it in ms, s, min, h, d"),
    ('"99 %"', '"99 d"', "backup.success_rate", "'99 d' is no ratio", "write it in %"),
    (
        'systems = ["monitoring", "logs"]',
        'systems = "logs"',
        "tiers.non-critical.systems",
        "is not a list",
        "write sys",
    ),
    ('"500 GB"', '"500 XB"', "production.postgres", "could not interpret byte unit: XB", ""),
    ('redis = "16 GB"', "", "production.redis", "is missing", 'as in redis = "500 GB"'),
    ('minimum = "30 d"', 'minimum = "400 d"', "retention", "the points kept reach back 308 d", "keep more points"),
    ('objective = "= 0 placeholders"', "", "criteria[CONTACTS].objective", "is missing", 'add objective = "< 4 h"'),
    ("= 0 placeholders", "0 placeholders", "criteria[CONTACTS].objective", "has no comparison", "begin with one of <"),
    ("= 0 placeholders", "= none", "criteria[CONTACTS].objective", "'none' is no number with a unit", "write a numb"),
    ('decided_by = "tests"', 'decided_by = "contacts"', "criteria[LOG-TESTING]", "contacts cannot decide", "placeh"),
    ('decided_by = "tests"', 'decided_by = "tests"\ngap = "?"', "criteria[LOG-TESTING]", "has a gap", "one of the two"),
    ('decided_by = "tests"', 'decided_by = "testing"', "criteria[LOG-TESTING].decided_by", "'testing'", ""),
    ("< tiers.important.rto", "< tiers.importent.rto", "criteria[RTO-IMPORTANT].objective", "is no number of this", ""),
    ('id = "SIZE"', 'id = "COST"', "attestations[COST].id", "'COST' is the id of 2 entries", "give each its own id"),
    ('id = "SIZE"', 'id = "Size"', "criteria[Size].id", "'Size': string should match pattern", 'write id = "RTO-DB"'),
    ('"PCI DSS 9.4.1.1"', '"PCI DSS 9.4.11"', "criteria[SCH-COMPLIANCE].controls[3]", "is no known control", "did you"),
    ('cron = "15,30,45 * * * *"', 'cron = "15 * * *"', "schedule[6].cron", "does not have five fields", "write minute"),
    (
        'engine = "redis"',
        'engine = "mysql"',
        "procedures.redis.engine",
        "should be 'postgres', 'redis', 'files', 'git' or 'machine'",
        "",
    ),
    ("backup_scripts.redis_snapshot", "x 'open", "procedures.redis.backup", "No closing quotation", "close the quote"),
    ("backup_scripts.redis_restore", "x {id}", "procedures.redis.restore", "unknown placeholder {id}", "use one of"),
    ('shown_by = "INC-DB"', 'shown_by = "INC-BD"', "documented[incremental-backup].shown_by", "is no criterion", "did"),
    ('id = "dry-run"', 'id = "count"', "documented[count].id", "'count' is the id of 2 entries", "give each its own"),
    (
        'after = ["configuration"]',
        'after = ["secrets"]',
        "recovery[6].after[1]",
        "is no step of [[recovery]]",
        "use one",
    ),
    (
        'procedure = "redis"\nafter',
        'procedure = "user-data"\nafter',
        "recovery[9].procedure",
        "is recovered 2 times",
        "keep",
    ),
    (
        '"redis"\nafter = ["configuration"]',
        '"redis"\nafter = ["redis"]',
        "recovery",
        "these wait for each other",
        "take",
    ),
    (
        'after = ["configuration"]\ntier = "critical"',
        'tier = "urgent"',
        "recovery[6].tier",
        "is no name below [tiers]",
        "",
    ),
    (
        '"security-configuration", "system-configuration"]\ntier = "critical"',
        '"security-configuration", "system-configuration"]\ntier = "important"',
        "recovery[6].tier",
        "it is critical and waits for 'configuration', which is only important",
        "give 'configuration' a tier",
    ),
    (
        "{impact}. Recovery",
        "{impakt}. Recovery",
        "notifications[1].message",
        "unknown placeholder {impakt}",
        "'impact'?",
    ),
    ("{impact}. Recovery", "{impact. Recovery", "notifications[1].message", "is no template", "write {{ and }}"),
    ('"DR_DRILL_TEAM_CHANNEL"', '"json://x"', "notifications[1].channel", "should match pattern", "DR_DRILL_TEAM"),
    (
        'to = ["emergency.project_manager"]',
        'to = ["boss"]',
        "notifications[3].to[1]",
        "'boss' is no contact",
        "use one",
    ),
    (
        'owner = "emergency.devops_lead"',
        'owner = "boss"',
        "attestations[COST].owner",
        "'boss' is no contact",
        "use one",
    ),
]


def errors(text):
    with pytest.raises(PolicyError) as caught:
        parse(text, file=FILE)
    return caught.value


@pytest.mark.parametrize(("right", "wrong", "key", "what", "remedy"), MISTAKES)
def test_one_mistake_gives_one_problem_with_file_key_and_remedy(shipped_text, right, wrong, key, what, remedy):
    assert right in shipped_text
    problems = [each for each in errors(shipped_text.replace(right, wrong, 1)).problems if each.key == key]

    assert [FILE] == [each.file for each in problems]
    assert what in problems[0].what
    assert remedy in problems[0].remedy
    assert problems[0].remedy


def names(text):
    return [(problem.key, problem.what) for problem in errors(text).problems]


OWNER = 'owner = "emergency.devops_lead"'
REFERENCE = 'objective = "< tiers.important.rto"'
BETWEEN = [
    ('procedure = "redis"', 'procedure = "reds"', "schedule[2].procedure", "'reds' is no name below [procedures]"),
    (
        'data = "user-data"\nheading',
        'data = "users"\nheading',
        "criteria[INT-USER].data",
        "'users' is no name below [data]",
    ),
    ('data = "database"\nbackup', 'data = "db"\nbackup', "procedures.postgres.data", "'db' is no name below [data]"),
    (
        REFERENCE,
        'objective = "< 8 h"\ntier = "high"',
        "criteria[RTO-IMPORTANT].tier",
        "'high' is no name below [tiers]",
    ),
    (
        REFERENCE,
        f'{REFERENCE}\ntier = "critical"',
        "criteria[RTO-IMPORTANT].tier",
        "'critical' contradicts the objective, which is that of 'important'",
    ),
    (OWNER, f"{OWNER}\nattested_on = 2026-01-31", "attestations[COST]", "it is attested only in part"),
    (
        OWNER,
        f'{OWNER}\nattested_on = 2026-01-31\nexpires_on = 2026-01-31\nevidence = "minutes"',
        "attestations[COST]",
        "it expires on 2026-01-31, not after 2026-01-31",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "key", "what"), BETWEEN)
def test_a_mistake_between_two_places_gives_exactly_one_problem(shipped_text, right, wrong, key, what):
    assert right in shipped_text

    assert [(key, what)] == names(shipped_text.replace(right, wrong, 1))


def test_a_bad_number_is_told_where_it_stands_and_not_where_it_is_referred_to(shipped_text):
    problems = names(shipped_text.replace('rto = "4 h"', 'rto = "4 hrs"'))

    assert [("tiers.critical.rto", "'4 hrs' has the unknown unit 'hrs'")] == problems


def test_all_problems_are_told_at_once(shipped_text):
    error = errors(
        shipped_text.replace('rto = "4 h"', 'rto = "4 hrs"')
        .replace('id = "RTO-CACHE"', 'id = "RTO-DB"')
        .replace('"DORA 12(7)"', '"DORA 12(8)"', 1)
    )

    assert re.fullmatch(
        r"there/policy\.toml has 3 problems:"
        r"\n  tiers\.critical\.rto: '4 hrs' has the unknown unit 'hrs'; write a number .*"
        r"\n  criteria\[INT-DB\]\.controls\[6\]: 'DORA 12\(8\)' is no known control; did you mean 'DORA 12\(\d\)'\?"
        r"\n  criteria\[RTO-DB\]\.id: 'RTO-DB' is the id of 2 entries; give each its own id",
        str(error),
    )


def test_one_problem_is_one_line(shipped_text):
    error = errors(shipped_text.replace("schema = 1", "schema = 2"))

    assert "there/policy.toml: schema: 2: should be 1; write schema = 1" == str(error)
    assert isinstance(error, DrillError)


def test_a_list_whose_entries_are_all_bad_is_not_also_too_short(shipped_text):
    bad = shipped_text.replace('controls = ["PCI DSS 10.5.1"]', 'controls = ["PCI DSS 10.5"]')

    assert [("criteria[SCH-LOGS].controls[1]", "'PCI DSS 10.5' is no known control")] == names(bad)


def test_an_empty_list_of_criteria_promises_nothing():
    assert ("criteria", "[]: tuple should have at least 1 item after validation, not 0") in names("criteria = []")


def test_an_empty_file_says_what_it_lacks():
    problems = names("")

    assert ("schema", "is missing") in problems
    assert ("criteria", "is missing") in problems


@pytest.mark.parametrize("section", ["tiers", "data", "procedures", "criteria", "schedule", "contacts", "attestations"])
@pytest.mark.parametrize("value", ["1", '"text"', "[1]", "{ a = 1 }", "[{ id = 1 }]", "[[]]"])
def test_a_section_of_another_shape_is_a_problem_and_no_crash(section, value):
    keys = [key for key, _ in names(f"{section} = {value}")]

    assert any(re.match(rf"{section}\b", key) for key in keys)


def test_toml_that_cannot_be_read_is_told_with_its_line():
    with pytest.raises(PolicyError, match=r"^there/policy\.toml: is no TOML: .*\(at line 2, column 9\); correct"):
        parse("schema = 1\nowner = \n", file=FILE)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(PolicyError, match=r"policy\.toml: cannot be read \(No such file or directory\); name another"):
        load(tmp_path / "policy.toml")


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "policy.toml").write_bytes("title = 'Chiến lược'".encode("utf-16"))

    with pytest.raises(PolicyError, match=r"is not UTF-8 .*; save it as UTF-8"):
        load(tmp_path / "policy.toml")


def test_the_nearest_policy_upward_is_found(tmp_path):
    (tmp_path / "policy.toml").touch()
    below = tmp_path / "features" / "database"
    below.mkdir(parents=True)

    assert tmp_path / "policy.toml" == find(below)


def test_no_policy_upward_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("drill.policy.loading.FILE_NAME", "no-such-policy.toml")

    with pytest.raises(PolicyError, match="is not here nor in any directory above; name one with --policy"):
        find(tmp_path)
