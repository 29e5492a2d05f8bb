"""What CI looks at on paper is there, and a page that is not is noticed."""

import pytest

from tests.reporting.conftest import needed


@pytest.fixture
def paper():
    needed("pypdfium2", "pip install 'dr-drill[readers]'")
    from tests.reporting import paper

    return paper


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_first_page_and_the_drawings_are_printed(month, paper, language):
    path = month.file(f"{language}.pdf")

    assert [] == paper.wrong(path)
    assert 1 == min(paper.pictures(path))


def test_blank_pages_are_seen(paper, tmp_path):
    import typst

    (tmp_path / "blank.typ").write_text("#pagebreak(weak: false)\n", "utf-8")
    (tmp_path / "blank.pdf").write_bytes(typst.compile(str(tmp_path / "blank.typ")))

    assert ["page 1 is blank", "no page has a drawing"] == paper.wrong(tmp_path / "blank.pdf")
