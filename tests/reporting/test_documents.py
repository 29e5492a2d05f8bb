"""PDF, JSON and OSCAL are what their readers expect, say the same, and are the same bytes each time."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from drill.policy.controls import CONTROLS
from drill.reporting.pdf import printable
from drill.reporting.schema import schema
from drill.reporting.summary import Summary
from tests.evidence.rehearsal import REPOSITORY
from tests.reporting.conftest import needed, write

COMMAND = Path(sys.executable).with_name("dr-drill")

READERS = "pip install 'dr-drill[readers]'"


@pytest.fixture(scope="module")
def validator():
    needed("jsonschema", READERS)
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads((REPOSITORY / "docs" / "report.schema.json").read_text("utf-8")))


@pytest.fixture(scope="module", params=["en", "vi"])
def pdf(request, month):
    needed("pypdf", READERS)
    from pypdf import PdfReader

    return request.param, PdfReader(io.BytesIO(month.file(f"{request.param}.pdf").read_bytes()))


def test_the_pdf_is_tagged_titled_archivable_and_dated_by_the_span(pdf):
    language, reader = pdf
    catalog, metadata = reader.trailer["/Root"], reader.xmp_metadata.stream.get_data().decode()

    assert (True, language) == (catalog["/MarkInfo"]["/Marked"], catalog["/Lang"])
    assert {"en": "compliance report, November 2026", "vi": "tuân thủ, Tháng 11 năm 2026"}[
        language
    ] in reader.metadata.title
    assert date(2026, 12, 1) == reader.metadata.creation_date.date()
    assert all(part in metadata for part in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"))


def test_the_pdf_holds_the_json(pdf, month):
    assert {"report.json": [month.file("json").read_bytes()]} == dict(pdf[1].attachments)


def test_the_pdf_says_what_the_json_says(pdf, month):
    data = json.loads(month.file("json").read_text("utf-8"))
    text = " ".join("".join(page.extract_text() for page in pdf[1].pages).split()).replace("\u200b", "")

    assert [] == [each["id"] for each in data["criteria"] if each["id"] not in text]
    assert data["evidence"]["heads"][0] in text.replace(" ", "")
    assert {"en": "attestations stand", "vi": "xác nhận còn hiệu lực"}[pdf[0]] in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("📞 **CONTACTS**", " **CONTACTS**"), ("đã chứng minh ✓", "đã chứng minh ✓"), ("漢", "\ufffd"), ("a\x00b", "ab")],
)
def test_what_no_font_shows_does_not_stop_the_pdf(text, shown):
    assert shown == printable(text)


def test_the_json_keeps_its_schema(month, validator):
    text = month.file("json").read_text("utf-8")

    stale = json.loads(schema()) != validator.schema
    assert not stale, "docs/report.schema.json is not what drill.reporting.schema.schema() returns"
    assert [] == list(validator.iter_errors(json.loads(text)))
    assert Summary.model_validate_json(text).model_dump_json(indent=2) + "\n" == text


def test_the_schema_refuses_what_is_none(month, validator):
    data = json.loads(month.file("json").read_text("utf-8"))
    for broken in ({**data, "verdict": "green"}, {key: value for key, value in data.items() if key != "criteria"}):
        assert list(validator.iter_errors(broken))


def test_oscal_is_valid_and_satisfied_is_only_what_is_proven(month):
    needed("trestle", READERS)
    from trestle.oscal.assessment_results import AssessmentResults

    path = month.file("oscal.json")
    [result] = AssessmentResults.oscal_read(path).results
    data = json.loads(month.file("json").read_text("utf-8"))
    proven = [each["name"] for each in data["controls"] if each["verdict"] == "proven"]

    assert 0 < len(proven) < len(data["controls"])
    assert proven == [each.title for each in result.findings if each.target.status.state.value == "satisfied"]
    assert [each["name"] for each in data["controls"]] == [each.title for each in result.findings]
    assert [each["id"] for each in data["criteria"]] == [each.title for each in result.observations]


def test_oscal_that_lacks_something_is_seen(month, tmp_path):
    needed("trestle", READERS)
    from trestle.common.err import TrestleError
    from trestle.oscal.assessment_results import AssessmentResults

    broken = json.loads(month.file("oscal.json").read_text("utf-8"))
    del broken["assessment-results"]["results"][0]["reviewed-controls"]
    (tmp_path / "broken.json").write_text(json.dumps(broken), "utf-8")

    with pytest.raises(TrestleError, match="reviewed"):
        AssessmentResults.oscal_read(tmp_path / "broken.json")


def test_every_control_has_a_name_of_its_own_in_oscal():
    from drill.reporting.oscal import token

    assert len(CONTROLS) == len({token(name) for name in CONTROLS})
    assert ("cp-9.1", "iso-27001-a.8.13", "dora-12.7") == (
        token("NIST CP-9(1)"),
        token("ISO 27001 A.8.13"),
        token("DORA 12(7)"),
    )


def test_the_same_history_has_the_same_bytes(month, public):
    def hashes():
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in month.output.iterdir()}

    before = hashes()
    write(month.reports, "en", "vi", public=public)

    assert 6 == len(before)
    assert before == hashes()


def test_it_has_the_same_bytes_in_another_process_and_place(month, tmp_path):
    """Made by the command, of a copy, in a process whose sets are in another order, where it is another hour."""

    def written(place, **surroundings):
        reports = tmp_path / place / "reports"
        shutil.copytree(month.reports, reports, ignore=shutil.ignore_patterns("monthly"))
        span = ["--since", "2026-11-01", "--until", "2026-11-20"]
        options = ["--reports", reports, "--policy", REPOSITORY / "policy.toml", "--lang", "vi"]
        subprocess.run(
            [COMMAND, "report", *span, *options], check=True, env=os.environ | surroundings, capture_output=True
        )
        return {path.name: path.read_bytes() for path in (reports / "monthly").iterdir()}

    here = written("here", PYTHONHASHSEED="1", TZ="UTC")

    assert 4 == len(here)
    assert here == written("elsewhere", PYTHONHASHSEED="2", TZ="Asia/Ho_Chi_Minh", LC_ALL="C")
