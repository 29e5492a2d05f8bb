"""Both languages say everything, and write numbers, units and days as their readers do."""

import string
from datetime import UTC, date, datetime

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from drill.errors import DrillError
from drill.reporting.words import CATALOGUES, LANGUAGES, Words
from tests.evidence.rehearsal import REPOSITORY

REPORTING = REPOSITORY / "drill" / "reporting"


def texts():
    """Every text that is said somewhere."""
    return {
        message
        for _, _, message, _, _ in extract_from_dir(
            str(REPORTING), method_map=[("**.py", "python")], keywords={"say": None}
        )
    }


def catalogue(language):
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_translated_and_nothing_else():
    translated = catalogue("vi")

    assert texts() == translated.keys()
    assert [] == [text for text, other in translated.items() if not other or blanks(text) != blanks(other)]
    assert len(translated) > 150


def test_no_text_is_said_within_another():
    nested = [
        f"{path.name}:{number}"
        for path in REPORTING.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "say('" in line
    ]

    # An f-string hides the text from the catalogue's extraction.
    assert [] == nested


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "1,234.5 | 99.13 % | ≤ 4 h | 0 differences | 673.2 ms | 3.5 GB | 3 Nov 2026 | November 2026"),
        ("vi", "1.234,5 | 99,13 % | ≤ 4 giờ | 0 khác biệt | 673,2 ms | 3,5 GB | 3/11/2026 | Tháng 11 năm 2026"),
    ],
)
def test_numbers_units_and_days(language, expected):
    words = Words(language)

    assert expected.split(" | ") == [
        text.replace("\u00a0", " ")
        for text in (
            words.number(1234.5, decimals=1),
            words.percent(0.99139),
            words.quantity("<= 4 h"),
            words.quantity("0 differences"),
            words.quantity("673.2 ms"),
            words.size(3_500_000_000),
            words.day(date(2026, 11, 3)),
            words.month(date(2026, 11, 3)),
        )
    ]


def test_less_than_all_never_reads_as_all():
    assert "99.99\u00a0%" == Words("en").percent(0.999999)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (0.25, "250 ms"), (-19, "-19 s"), (90, "1.5 min"), (172800, "2 d")]
)
def test_durations(seconds, text):
    assert text == Words("en").duration(seconds).replace("\u00a0", " ")


def test_moments_are_in_utc_to_the_minute():
    assert "3 Nov 2026, 19:05" == Words("en").moment(datetime(2026, 11, 3, 19, 5, 59, tzinfo=UTC))


def test_another_language_is_refused():
    assert ("en", "vi") == LANGUAGES
    with pytest.raises(DrillError, match="no report is written in 'fr'; choose one of en, vi"):
        Words("fr")
