"""The policy that ships says what the written document says, all of it and nothing else."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from drill.losses.worst_loss import worst_loss
from drill.policy import PolicyError, parse
from drill.policy.claims import Citation, citation
from drill.policy.controls import CONTROLS
from drill.policy.source import clauses, commands, problems, uncovered

ENGINES = ("postgres-physical", "postgres-streaming", "redis", "redis-appendonly")

HEADINGS_ON_RECORD = {
    "PostgreSQL Backup", "PostgreSQL Recovery", "Automated Verification", "Redis Backup", "Redis Recovery",
    "Configuration Files", "Configuration Recovery", "Source Code Backup", "Source Code Recovery",
    "System Configuration", "Full System Recovery",
}  # fmt: skip
NOT_CARRIED_OUT = ("systemctl ",)
"""Commands that need a service manager."""
SPINE = [
    "RTO-DB", "RTO-CACHE", "RPO-DB", "RPO-CACHE", "INT-DB", "INT-CACHE",
    "INT-DB-DAMAGE", "INT-CACHE-DAMAGE", "RET-DB", "RET-CACHE", "DUR-DB", "DUR-CACHE",
]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "objective"),
    [
        ("RTO-DB", "< 4 h"),
        ("RTO-CACHE", "< 4 h"),
        ("RTO-IMPORTANT", "< 8 h"),
        ("RTO-NON-CRITICAL", "< 24 h"),
        ("RPO-DB", "< 1 h"),
        ("RPO-CACHE", "< 1 h"),
        ("RPO-CONFIG", "< 24 h"),
        ("RPO-USER", "< 1 h"),
        ("SUCCESS-RATE", "> 99 %"),
        ("DUR-DB", "< 2 h"),
        ("DUR-CACHE", "< 2 h"),
        ("RET-DB", ">= 30 d"),
        ("RET-CACHE", ">= 30 d"),
        ("INT-DB", "= 0 differences"),
    ],
)
def test_the_numbers_are_those_of_the_document(shipped_policy, identifier, objective):
    assert objective == str(shipped_policy.criterion(identifier).objective)


def test_nothing_is_left_out_and_nothing_made_up(shipped_policy):
    assert [] == problems(shipped_policy)


def test_the_criteria_of_the_spine_have_no_gap(shipped_policy):
    assert [None] * len(SPINE) == [shipped_policy.criterion(identifier).gap for identifier in SPINE]


def test_a_criterion_belongs_to_the_tier_or_class_that_its_number_is_taken_from(shipped_policy):
    assert "critical" == shipped_policy.criterion("RTO-DB").tier
    assert "user-data" == shipped_policy.criterion("RPO-USER").data


def test_nobody_has_attested_anything_yet(shipped_policy):
    assert not any(attestation.stands(today=date(2026, 12, 1)) for attestation in shipped_policy.attestations)


def test_an_attestation_stands_from_its_day_until_it_expires(shipped_policy):
    signed = shipped_policy.attestations[0].model_copy(
        update={"attested_on": date(2026, 1, 31), "expires_on": date(2027, 1, 31), "evidence": "minutes"}
    )
    days = [date(2026, 1, 30), date(2026, 1, 31), date(2027, 1, 30), date(2027, 1, 31)]

    assert [False, True, True, False] == [signed.stands(today=day) for day in days]


def test_the_schedule_leaves_less_time_than_the_data_that_may_be_lost(shipped_policy):
    scheduled = {entry.procedure for entry in shipped_policy.schedule}
    gaps = {name: shipped_policy.longest_gap(name) for name in sorted(scheduled)}

    day, quarter = timedelta(days=1), timedelta(hours=6)
    assert {
        "postgres": day,
        "postgres-physical": day,
        "postgres-streaming": day,
        "redis": timedelta(minutes=15),
        "redis-appendonly": timedelta(minutes=5),
        **dict.fromkeys(("configuration", "user-data", "logs", "application-state", "source-code", "source-tree"), day),
        **dict.fromkeys((f"{kind}-configuration" for kind in ("system", "network", "security", "monitoring")), quarter),
        "system": timedelta(days=7),
    } == gaps
    assert timedelta(minutes=30) == shipped_policy.longest_gap("user-data", "backup", "incremental")


def test_every_engine_has_a_procedure_that_loses_less_than_the_data_may_lose(shipped_policy):
    worst = {name: worst_loss(shipped_policy, name, backup_takes=timedelta(0)).window for name in ENGINES}

    assert max(worst.values()) < shipped_policy.data["database"].rpo


WEEKLY = ("user-data", "application-state", "system")


def test_the_documents_own_schedule_would_lose_a_day(shipped_policy):
    written = [each for each in shipped_policy.schedule if each.origin == "document" and each.action != "copy"]

    found = {entry.procedure: entry.longest_gap() for entry in written}
    assert {timedelta(days=1)} == {gap for name, gap in found.items() if name not in WEEKLY}
    assert {timedelta(days=7)} == {found[name] for name in WEEKLY}


def test_what_nothing_backs_up_has_no_gap_between_backups(shipped_text, policy_file):
    policy = parse(shipped_text.replace('action = "backup"', 'action = "restore"'), file=policy_file)

    assert policy.longest_gap("postgres") is None


def test_every_class_of_data_says_what_protects_it(shipped_policy):
    protected = {
        data: [procedure.name for procedure in shipped_policy.procedures_protecting(data)]
        for data in shipped_policy.data
    }

    assert {
        "database": [
            "postgres",
            "postgres-physical",
            "postgres-streaming",
            "redis",
            "redis-bgsave",
            "redis-appendonly",
        ],
        "configuration": [
            "configuration",
            "system-configuration",
            "network-configuration",
            "security-configuration",
            "monitoring-configuration",
        ],
        "user-data": ["user-data"],
        "logs": ["logs"],
        "application-state": ["application-state"],
        "source-code": ["source-code", "source-tree"],
        "system": ["system"],
    } == protected


def test_the_documents_placeholders_are_known_as_such(shipped_policy):
    assert 6 == len(shipped_policy.placeholders())
    assert "contacts.backup_team.primary" in shipped_policy.placeholders()


def test_sizes_of_production_are_bytes(shipped_policy):
    assert 500 * 10**9 == shipped_policy.production["postgres"]


def test_a_policy_does_not_change(shipped_policy):
    with pytest.raises(ValidationError, match="frozen"):
        shipped_policy.criterion("RTO-DB").statement = "something easier"


def test_an_unknown_criterion_is_an_error_that_names_the_nearest(shipped_policy):
    with pytest.raises(PolicyError, match=r"no criterion 'RTO-BD'; did you mean 'RTO-DB'\?"):
        shipped_policy.criterion("RTO-BD")


def test_every_control_is_served_or_known_to_be_open(shipped_policy):
    claims = [*shipped_policy.criteria, *shipped_policy.attestations]
    served = {control for claim in claims for control in claim.controls}

    assert {"DORA 12(4)", "DORA 12(5)", "PCI DSS 9.4.1.2"} == set(CONTROLS) - served


DOCUMENT = """\
# Title
## **Backups**
- **Full**: everything
1. **Assess**: the damage
plain words
```bash
# Stop it
stop it # now
## Twice
```
### 🎯 **Empty**
"""


def test_clauses_are_list_items_and_the_comments_of_commands():
    assert {"Title": [], "Backups": ["Full", "Assess", "Stop it"], "🎯 Empty": []} == clauses(DOCUMENT)


def test_a_heading_reaches_all_of_its_clauses_and_a_clause_only_itself():
    document = clauses(DOCUMENT)

    assert [Citation("Title", None)] == uncovered(document, [Citation("Backups", None), Citation("🎯 Empty", None)])
    assert ["Title", "Assess", "Stop it", "🎯 Empty"] == [
        place.clause or place.heading for place in uncovered(document, [citation("Backups: Full")])
    ]


NOT_THERE = "is not in the document"
UNSPOKEN = "nothing speaks for"
BOOT = ["Boot from recovery media", "Mount backup storage", "Restore bootloader", "Reboot system"]


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            'clauses = ["Team Collaboration"]',
            'clauses = ["Knowledge Sharing"]',
            [f"{UNSPOKEN} 'Team Effectiveness: Team Collaboration'"],
        ),
        (
            'rto"\nheading = "Full System Recovery"',
            'rto"\nheading = "Full System recovery"',
            [
                f"'Full System recovery' {NOT_THERE}",
                *(f"{UNSPOKEN} 'Full System Recovery: {clause}'" for clause in BOOT),
            ],
        ),
        ('    "Database Recovery",\n', "", [f"{UNSPOKEN} 'Database Recovery'"]),
        (
            'command = "pg_restore --dry-run backup.sql"',
            'command = "pg_restore --list backup.sql"',
            ["'pg_restore --list backup.sql' does not stand below 'PostgreSQL Backup: Backup verification'"],
        ),
        (
            'repeats = ["Emergency Contacts"]',
            'repeats = ["Emergency Contacts", "Emergency Contacts: Boss"]',
            [f"'Emergency Contacts: Boss' {NOT_THERE}"],
        ),
    ],
)
def test_what_the_document_does_not_say_or_nobody_speaks_for_is_noticed(
    shipped_text, policy_file, right, wrong, expected
):
    assert right in shipped_text

    assert expected == [each.what for each in problems(parse(shipped_text.replace(right, wrong), file=policy_file))]


def test_a_document_that_is_not_there_is_an_error(shipped_text, tmp_path):
    with pytest.raises(PolicyError, match=r"document\.source: .* cannot be read"):
        problems(parse(shipped_text, file=tmp_path / "policy.toml"))


def test_every_command_of_the_document_that_can_be_carried_out_is_on_record(shipped_policy):
    document = (shipped_policy.directory / shipped_policy.document.source).read_text(encoding="utf-8")
    written = {
        command
        for place, below in commands(document).items()
        for command in below
        if place.heading in HEADINGS_ON_RECORD and not command.startswith(NOT_CARRIED_OUT)
    }

    assert written == {entry.command for entry in shipped_policy.documented}


def test_nothing_is_on_record_about_a_command_that_nobody_knows(shipped_policy):
    with pytest.raises(PolicyError, match="nothing is on record about 'dry-rum'; did you mean 'dry-run'"):
        shipped_policy.documented_command("dry-rum")
