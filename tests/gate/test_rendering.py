"""The gate's decision, said to people, to pipelines and to pull requests."""

from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from rich.console import Console

from drill.evidence.verdict import Verdict
from drill.gate.decision import Check, Decision
from drill.gate.rendering import as_json, junit, markdown, table
from drill.policy import Suppression

COMMENT = 65_536
"""How many characters GitHub takes for a comment."""
SUPPRESSION = Suppression(id="RPO-DB", reason="new disks come", owner="backup_team.primary", expires=date(2026, 12, 1))


@pytest.fixture
def decision():
    return Decision(
        checks=(
            Check("INT-DB", Verdict.PROVEN, "measured 0 differences"),
            Check("RTO-DB", Verdict.DISPROVEN, "measured 5 h | <b>lost</b>\n# all [x](y) \x07"),
            Check("FULL-DRILL", Verdict.UNPROVEN, "there has been none"),
            Check("RPO-DB", Verdict.DISPROVEN, "measured 2 h", SUPPRESSION),
        ),
        suppressions=(SUPPRESSION,),
        drill=None,
        heads=("3:abc",),
        notes=("drilled on docker",),
        at=datetime(2026, 11, 1, 3, tzinfo=UTC),
    )


def test_junit_tells_failures_errors_and_what_is_suppressed(decision):
    suite = ElementTree.fromstring(junit(decision)).find("testsuite")  # noqa: S314
    cases = {case.get("name"): [child.tag for child in case] for case in suite.findall("testcase")}

    assert ("4", "1", "1", "1") == tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped"))
    assert {"INT-DB": [], "RTO-DB": ["failure"], "FULL-DRILL": ["error"], "RPO-DB": ["skipped"]} == cases
    assert "new disks come" in suite.find("testcase/skipped").get("message")


def test_the_page_begins_with_what_holds_it_shut_and_shows_every_suppression(decision):
    page = markdown(decision)

    assert page.startswith("## DR Drill: the gate is shut: something is disproven\n")
    assert page.index("RTO-DB") < page.index("<details>") < page.index("INT-DB")
    assert "suppressed until 2026-12-01: RPO-DB: new disks come (backup\\_team.primary)" in page
    assert "checks that hold: 1" in page


def test_whatever_a_record_holds_is_shown_as_it_is(decision):
    [row] = [line for line in markdown(decision).splitlines() if line.startswith("| RTO-DB ")]

    assert "| RTO-DB | disproven | measured 5 h \\| &lt;b>lost&lt;/b> \\# all \\[x\\](y) \x07 |".replace(
        "\x07", ""
    ) == (row.replace("\x07", ""))


def test_the_terminal_shows_every_check_suppression_and_head(decision):
    console = Console(width=160)
    with console.capture() as page:
        console.print(table(decision))
    text = page.get()

    assert all(word in text for word in ("INT-DB", "disproven (suppressed)", "<b>lost</b>", "[x](y)", "head: 3:abc"))


def test_the_data_hold_all_of_it(decision):
    plain = as_json(decision)

    assert ("disproven", None, ["3:abc"]) == (plain["verdict"], plain["drill"], plain["heads"])
    assert ["backup_team.primary"] == [each["suppressed_by"] for each in plain["checks"] if each["suppressed_by"]]
    assert ["2026-12-01"] == [each["expires"] for each in plain["suppressions"]]


def crowded(decision, *, shut=0, held=0, notes=0, what="measured 5 h & more"):
    checks = [Check(f"SHUT-{number}", Verdict.DISPROVEN, what) for number in range(shut)]
    checks += [Check(f"HELD-{number}", Verdict.PROVEN, what) for number in range(held)]
    return replace(decision, checks=tuple(checks), notes=tuple(f"note {number}: {what}" for number in range(notes)))


@pytest.mark.parametrize(
    "much",
    [
        {"held": 3000},
        {"shut": 3000, "held": 3000},
        {"shut": 2, "notes": 3000, "held": 2},
        {"shut": 1, "what": "&" * 100_000},
        {"shut": 200, "notes": 200, "held": 200, "what": "<" * 2000},
    ],
)
def test_the_page_is_no_longer_than_a_comment_may_be_and_says_what_is_left_out(decision, much):
    page = markdown(crowded(decision, **much))

    assert len(page) <= COMMENT
    assert page.startswith("## DR Drill: the gate is ")
    assert "left out" in page or "…" in page


def test_of_a_page_that_is_too_long_what_holds_it_shut_is_kept_first_and_what_is_left_out_is_counted(decision):
    page = markdown(crowded(decision, shut=20, held=3000, notes=20))
    rows = page.count("| HELD-")

    assert (20, 20, True) == (page.count("| SHUT-"), page.count("- note "), 0 < rows < 3000)
    assert f"{3000 - rows} checks that hold" in page.replace("\\", "")
    assert "`dr-drill gate` says all of it" in page
    assert page.count("<details>") == page.count("</details>")


def test_a_suppression_is_never_left_out_before_a_note_is(decision):
    page = markdown(crowded(decision, shut=20, notes=5000))

    assert "new disks come" in page


def test_a_page_that_has_room_leaves_nothing_out(decision):
    assert "left out" not in markdown(decision)
