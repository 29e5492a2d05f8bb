"""When all of a tier would be back is drawn as each run foretold it; one that could not tell is counted."""

import pytest

from drill.reporting.composition import composed
from drill.reporting.page import Figure, Paragraph
from drill.reporting.words import Words
from tests.reporting.conftest import report_of


@pytest.fixture(scope="module")
def summary(month, public):
    return report_of(month.reports, public=public)


def blocks(summary, language="en"):
    page = composed(summary, Words(language), runs="../runs")
    return next(section.blocks for section in page.sections if section.id == "trends")


def drawn(summary, language="en"):
    [figure] = [each for each in blocks(summary, language) if isinstance(each, Figure) and each.id == "plot-tiers"]
    return figure


def changed(summary, **changes):
    return summary.model_copy(update={"trends": summary.trends.model_copy(update=changes)})


def test_every_tier_has_the_bounds_of_the_runs_that_could_tell(summary, month):
    told = {each.tier: each for each in summary.trends.tiers}
    critical, important = told["critical"], told["important"]

    assert ["critical", "important", "non-critical"] == [each.tier for each in summary.trends.tiers]
    assert (27, 0, {9000.0}, 14_400.0) == (
        len(critical.points),
        critical.unknown,
        {point.projected for point in critical.points},
        critical.limit,
    )
    assert month.names == [point.run for point in critical.points]
    assert ((), 27) == (important.points, important.unknown)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "critical: 27 bounds from 2.5 h to 2.5 h, to be back in 4 h; 0 runs could not tell"),
        (
            "vi",
            "critical: 27 cận trên từ 2,5 giờ đến 2,5 giờ, phải trở lại trong 4 giờ; 0 lần chạy",
        ),
    ],
)
def test_the_drawing_says_the_same_in_words(summary, language, said):
    assert said in drawn(summary, language).alt.replace("\N{NO-BREAK SPACE}", " ")


def test_the_drawing_has_a_line_for_each_tier_that_is_known_and_leads_to_the_longest(summary, month):
    figure = drawn(summary)

    assert (True, False, True) == tuple(f">{tier}<" in figure.svg for tier in ("critical", "important", "non-critical"))
    hrefs = {part.href for part in figure.evidence if part.href}
    assert hrefs <= {f"../runs/{name}/run.json" for name in month.names}
    assert hrefs
    assert "important" in figure.alt


def test_where_no_run_could_tell_of_any_tier_that_is_said_and_nothing_is_drawn(summary):
    unknown = tuple(each.model_copy(update={"points": (), "unknown": 3}) for each in summary.trends.tiers)
    for tiers in ((), unknown):
        shown = blocks(changed(summary, tiers=tiers))

        assert [] == [each for each in shown if isinstance(each, Figure) and each.id == "plot-tiers"]
        assert any("not measured" in each.content[0].text for each in shown if isinstance(each, Paragraph))
