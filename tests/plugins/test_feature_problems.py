"""What a feature file may not say: each fault is seen, with its line, and nothing is seen where none is."""

from pathlib import Path

import pytest
from example_faults import feature, problems_of

from drill.plugins.feature_files import syntax

SOUND = """
    @postgres @RTO-DB
    Feature: A lost shop database comes back

      When the disk is gone, nothing but the backup is left:
      then the shop must open again, and soon. Reason: it earns the money.
      Roles: an operator; a customer. Note: no outline of scenarios can say more than the rule.

      Background: What every shop has
        Orders are taken day and night.
        Given a shop database

      Rule: A restore brings back everything

        Scenario: The whole database is dropped
          This is the worst that can happen,
          when nobody looks.
          When it is dropped
          Then nothing is lost, also if fewer than < 5 or > 7 orders are left
            \"\"\"
            <order id="1"/>
            \"\"\"

        @slow
        Scenario Outline: The backup is <damage>
          Given a backup that has been <damage>
            | <part> | kept |
          Then the restore says
            \"\"\"
            <reason>
            \"\"\"

          Examples: of a cut
            | damage | part  | reason    |
            | cut    | end   | truncated |

          @RPO-DB
          Examples: of a change
            | damage  | reason  | part  |
            | altered | altered | start |
"""


def test_nothing_is_wrong_with_a_sound_feature():
    assert [] == problems_of(SOUND)


def test_nothing_is_wrong_with_a_sound_feature_in_vietnamese():
    assert [] == problems_of("""
        # language: vi
        Tính năng: Cơ sở dữ liệu được khôi phục
          Lý do: dữ liệu là tất cả.

          Bối cảnh:
            Biết một cơ sở dữ liệu

          Khung tình huống: Mất <phần>
            Khi mất <phần>
            Thì không mất gì

            Dữ liệu:
              | phần |
              | một  |
    """)


FAULTS = {
    "a misspelt scenario before the first one": (
        """
          Scenarioo: The first
            Given a shop
          Scenario: The second
            Given a shop
        """,
        '3: "Scenarioo: The first" is taken for description | '
        'write "Scenario:", or say it differently if it is meant as description',
    ),
    "a misspelt outline": (
        "Scenario Outlinee: The first\nScenario: The second\n  Given a shop",
        '2: "Scenario Outlinee: The first" is taken for description | '
        'write "Scenario Outline:", or say it differently if it is meant as description',
    ),
    "a keyword in small letters": (
        "scenario: The first\nScenario: The second\n  Given a shop",
        '2: "scenario: The first" is taken for description | '
        'write "Scenario:", or say it differently if it is meant as description',
    ),
    "a blank before the colon": (
        "Background :\nScenario: The second\n  Given a shop",
        '2: "Background :" is taken for description | '
        'write "Background:", or say it differently if it is meant as description',
    ),
    "a background below a scenario": (
        "Scenario: One\n  # not a step\n\nBackground:\n  Given a shop",
        '5: "Background:" is taken for description | '
        '"Background:" cannot stand at this place: move it, or say it differently if it is meant as description',
    ),
    "a first step in small letters": (
        "Scenario: One\n  given a shop\n  Then it is open",
        '3: "given a shop" is taken for description | '
        'write "Given", or say it differently if it is meant as description',
    ),
    "no scenario": ("", "1: the feature holds no scenario | add one, or delete the file"),
    "a rule without a scenario": (
        "Scenario: One\n  Given a shop\nRule: Empty",
        '4: the Rule "Empty" holds no scenario | add one, or delete the Rule',
    ),
    "a scenario without a step": (
        "Scenario: One",
        '2: the scenario "One" holds no step of its own and would pass | add its steps, or delete it',
    ),
    "a scenario with the steps of its background only": (
        "Background:\n  Given a shop\nScenario: One",
        '4: the scenario "One" holds no step of its own and would pass | add its steps, or delete it',
    ),
    "a background without a step": (
        "Background:\nScenario: One\n  Given a shop",
        "2: the Background holds no step | add one, or delete it",
    ),
    "a scenario without a name": (
        "Scenario:\n  Given a shop",
        "2: this Scenario has no name | state what it promises, as a fact",
    ),
    "two scenarios of one name in different rules": (
        "Rule: A\nScenario: One\n  Given a shop\nRule: B\nScenario: One\n  Given a shop",
        '6: a scenario with the name "One" stands in line 3 already | '
        "give it a name of its own; only one of the two would run, also in different Rules",
    ),
    "two names that differ in punctuation only": (
        "Scenario: One, two\n  Given a shop\nScenario: One two\n  Given a shop",
        '4: a scenario with the name "One two" stands in line 2 already | '
        "give it a name of its own; only one of the two would run, also in different Rules",
    ),
    "a first step that continues nothing": (
        "Scenario: One\n  And a shop",
        '3: "And a shop" comes first and continues nothing | begin with "Given", "When" or "Then"',
    ),
    "a tag that is nearly registered": (
        "@slwo\nScenario: One\n  Given a shop",
        "2: nothing is known of the tag @slwo | did you mean @slow?",
    ),
    "a criterion that is nearly one of the policy": (
        "@RTO-DBS\nScenario: One\n  Given a shop",
        "2: nothing is known of the tag @RTO-DBS | did you mean @RTO-DB?",
    ),
    "a criterion that the policy has not": (
        "@RET-30D\nScenario: One\n  Given a shop",
        "2: nothing is known of the tag @RET-30D | add the criterion RET-30D to policy.toml",
    ),
    "a tag of examples that is not registered": (
        "Scenario Outline: <a>\n  Given a shop\n  @nightly\n  Examples:\n    | a |\n    | 1 |",
        '4: nothing is known of the tag @nightly | register it under "markers" of pytest in pyproject.toml',
    ),
    "a table whose rows differ in length": (
        "Scenario: One\n  Given a shop\n    | a | b |\n    | 1 |",
        "5: inconsistent cell count within the table | correct this line",
    ),
    "a misspelt step": (
        "Scenario: One\n  Given a shop\n  Whne it is lost",
        '4: "Whne it is lost" is not Gherkin at this place | did you mean "When"?',
    ),
    "a misspelt scenario below another": (
        "Scenario: One\n  Given a shop\nSenario: Two",
        '4: "Senario: Two" is not Gherkin at this place | did you mean "Scenario:"?',
    ),
    "a sentence where a step should be": (
        "Scenario: One\n  Given a shop\n  It is lost",
        '4: "It is lost" is not Gherkin at this place | '
        'expected here: a step, a table row, the """ of a doc string, Scenario:, Examples:, Rule:, a tag',
    ),
    "a doc string without an end": (
        'Scenario: One\n  Given a shop\n    """\n    text',
        '6: the file ends too early | expected here: the """ of a doc string',
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_seen_in_its_line_and_is_one_problem(fault):
    body, problem = FAULTS[fault]

    assert [problem] == problems_of(feature(body))


def test_all_faults_of_a_file_are_listed_in_the_order_of_their_lines():
    found = problems_of("""
        @wrong
        Feature: Shop
          Scenario: Empty
          Scenario: <a>
            Given a shop
    """)

    assert ["1", "3", "4"] == [problem.split(":")[0] for problem in found]


NOT_A_FEATURE = {
    "an empty file": (
        "",
        '1: the file holds no Feature | begin with "Feature:" and the promise that the file keeps, or delete the file',
    ),
    "a file of comments": (
        "# nothing\n",
        '1: the file holds no Feature | begin with "Feature:" and the promise that the file keeps, or delete the file',
    ),
    "a scenario without a feature": (
        "Scenario: One\n  Given a shop\n  Then it is open\n",
        '1: "Scenario: One" is not Gherkin at this place | expected here: Feature:, a tag',
    ),
    "a language that nobody knows": (
        "# language: xx\nFeature: Shop\n",
        "1: Language not supported: xx | correct this line",
    ),
}


@pytest.mark.parametrize("fault", NOT_A_FEATURE)
def test_a_file_without_a_feature_is_refused(fault):
    text, problem = NOT_A_FEATURE[fault]

    assert [problem] == problems_of(text)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path):
    file = tmp_path / "shop.feature"
    file.write_bytes("Feature: Shop\n  Scenario: được\n".encode("utf-16"))

    with pytest.raises(syntax.UnreadableFeature) as refusal:
        syntax.source(file)

    assert ["1: the file is not UTF-8"] == [f"{one.line}: {one.what}" for one in refusal.value.problems]


def test_a_file_with_a_byte_order_mark_is_refused(tmp_path: Path):
    file = tmp_path / "shop.feature"
    file.write_text("Feature: Shop\n", encoding="utf-8-sig")

    with pytest.raises(syntax.UnreadableFeature) as refusal:
        syntax.source(file)

    assert ["the file begins with a byte order mark"] == [one.what for one in refusal.value.problems]
