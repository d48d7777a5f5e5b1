"""Drawing: the same bytes everywhere, from the document alone, and nothing left out."""

from __future__ import annotations

import re
import zlib
from hashlib import sha256
from typing import Any

import pytest

from api.reports.drawing import draw_report, drawable_characters, legible, shown
from api.reports.pages import pages_of
from attestation.canonical import canonical_json, parse_canonical
from attestation.errors import EncodingError
from attestation.report_document import ReportDocument
from attestation.report_file import statement_of
from ledger.inventory.workbench import CORRECTED
from ledger.reports.errors import ReportRefused
from tests.support.reported import ReportedCase

CASE = ReportedCase(languages=("zh", "en"))
DRAWN_SHA256 = "84e6b222aa15a5465f20270c2f40b266090cc536f6d6713659a58be733750870"


def changed(**members: Any) -> bytes:
    content = parse_canonical(CASE.document)
    assert isinstance(content, dict)
    return canonical_json({**content, **members})


def test_one_document_gives_one_file() -> None:
    """On every machine, with the release of typst and the fonts that are locked."""
    assert draw_report(CASE.document) == draw_report(CASE.document)
    assert sha256(CASE.body).hexdigest() == DRAWN_SHA256


def test_body_is_pdf_a_with_the_document_inside() -> None:
    """PDF/A-3b, and the document as the one embedded file."""
    assert b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B" in CASE.body
    assert CASE.body.count(b"/EmbeddedFile/") == 1
    assert statement_of(CASE.body) == CASE.document


def test_date_is_the_documents() -> None:
    """Not the moment of drawing."""
    assert b"/CreationDate(D:20250410000000Z)" in CASE.body
    assert b"/CreationDate(D:20250411000000Z)" in draw_report(changed(drawn_on="2025-04-11"))


def test_fonts_are_embedded_and_ours() -> None:
    """Nothing is taken from the machine."""
    drawn = draw_report(changed(verifier={"code": "1", "name": "鑫淼核查"}))
    fonts = set(re.findall(rb"/BaseFont/[A-Z]{6}\+([A-Za-z]+)", drawn))

    assert fonts == {b"CarbonSealSans", b"CarbonSealSansTwo"}
    assert drawn.count(b"/FontFile3") == 2


def test_every_number_leads_to_its_line() -> None:
    """A number in a table carries a link; the one annex has one row a line."""
    page, english = pages_of(ReportDocument.parse(CASE.document).content)["languages"]
    results = next(part for part in page["parts"] if part["heading"].startswith("三"))
    annex = english["parts"][-1]

    anchors = {row[0]["anchor"] for row in annex["rows"]}
    assert len(annex["rows"]) == 14
    assert {row[3]["anchor"] for row in results["rows"]} <= anchors
    assert annex["rows"][0][1].replace("\u200b", "") == "emissions:2024:coal:emissions"


def test_chinese_pages_have_chinese_terms() -> None:
    """Quantities in the words of the guides, and what a finding is about; English as they are."""
    chinese, english = pages_of(ReportDocument.parse(CASE.document).content)["languages"]
    plain = [
        {part["heading"]: part.get("rows") for part in page["parts"]} for page in (chinese, english)
    ]
    findings = [
        plain[0]["六、不符合项及其他发现"][0][2],
        plain[1]["6 Non-conformities and other findings"][0][2],
    ]

    total = next(row for row in plain[0]["三、核算结果"] if row[1] == "合计")
    assert total[:3] == ["排放量", "合计", "排放量"]
    assert [each.replace("\u200b", "") for each in findings] == [
        "清单行 emissions:2024:coal:emissions",
        "line emissions:2024:coal:emissions",
    ]


def test_amounts_of_changes_are_written_as_in_the_tables() -> None:
    """Thousands apart, the unit as people write it; what is no amount stays as it is."""
    change = {
        "line": "energy_in:2024:gas:fuel-consumption",
        "before": "-12345.678 e4Nm3",
        "after": "no number",
        "difference": None,
    }
    content = parse_canonical(changed(changes=[change]))
    assert isinstance(content, dict)
    parts = pages_of(content)["languages"][1]["parts"]
    rows = next(part["rows"] for part in parts if part["heading"].startswith("5 "))

    assert rows[0][1:] == ["-12,345.678 10⁴Nm³", "no number", ""]


def test_corrected_quantity_says_so_in_chinese() -> None:
    """By the same ending as the inventory gives it."""
    content = parse_canonical(CASE.document)
    assert isinstance(content, dict)
    lines: Any = content["lines"]
    whole = next(each for each in lines if each["line"]["item"] == "total")
    line = {**whole["line"], "quantity": f"fuel-consumption{CORRECTED}"}
    (page, *_) = pages_of({**content, "lines": [{**whole, "line": line}]})["languages"]
    rows = next(part["rows"] for part in page["parts"] if part["heading"] == "三、核算结果")

    assert [row[2] for row in rows] == ["燃料消耗量（修正后）"]


def test_name_that_turns_the_direction_of_writing_is_drawn_with_its_number() -> None:
    """As is one that takes no room; the wide space of Chinese names stays."""
    name = "甲\u202e乙\u200b丙\u3000丁\u00ad"

    assert legible({"name": [name]}) == {"name": ["甲[U+202E]乙[U+200B]丙\u3000丁[U+00AD]"]}


def test_pages_say_the_findings_and_estimates() -> None:
    """In the words of the guide, amounts in tonnes without rounding."""
    chinese, english = pages_of(ReportDocument.parse(CASE.document).content)["languages"]
    rows = {part["heading"]: part.get("rows") for part in (*chinese["parts"], *english["parts"])}

    assert rows["六、不符合项及其他发现"][0][1] == "不符合项 · 严重"
    assert rows["六、不符合项及其他发现"][0][4] == "12.5"
    assert rows["六、不符合项及其他发现"][0][6] == "未整改"
    assert rows["7 Conservative estimates"][0][1:] == ["最大日耗量 × 2", "100", "12.5"]


def test_pages_say_changes_and_visits() -> None:
    """Before and after per line; days of the reporting zone."""
    change = {
        "line": "emissions:2024:coal:emissions",
        "before": "1 tCO2",
        "after": "2 tCO2",
        "difference": "1 tCO2",
    }
    visit = {"from_s": 1_735_660_800, "to_s": 1_735_747_200, "place": "厦门海沧"}
    encoded = changed(changes=[change], visits=[visit], languages=["zh"])
    (chinese,) = pages_of(ReportDocument.parse(encoded).content)["languages"]
    rows = {part["heading"]: part.get("rows") for part in chinese["parts"]}

    assert rows["五、核查前后变化"][0][1:] == ["1 tCO2", "2 tCO2", "1 tCO2"]
    assert rows["八、现场核查"] == [["厦门海沧", "2025-01-01", "2025-01-01"]]
    assert draw_report(encoded).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_language_is_chosen(language: str) -> None:
    """One language gives fewer pages than both."""
    one = draw_report(changed(languages=[language]))

    assert len(one) < len(CASE.body)
    (page,) = pages_of(ReportDocument.parse(changed(languages=[language])).content)["languages"]
    assert page["code"] == language


def test_text_is_no_markup() -> None:
    """What people write stands on the page as they wrote it."""
    text = "#panic() $x$ *bold* <label> @ref \\ [ ] { }"
    finding = {
        "number": 1,
        "record": "00" * 32,
        "kind": "CLARIFICATION",
        "severity": "MINOR",
        "anchor": text,
        "title": text,
        "text": text,
        "response": text,
        "conclusion": None,
    }
    assert draw_report(changed(findings=[finding])).startswith(b"%PDF-1.7")


def test_character_that_the_fonts_lack_stands_as_its_number() -> None:
    """No report fails for a rare name, and no empty box is a hole in what was signed."""
    rare = changed(verifier={"code": "1", "name": "𠮷技术 ☃"})
    pages = shown(pages_of(ReportDocument.parse(rare).content))

    assert pages["author"] == "[U+20BB7]技术 [U+2603]"
    assert draw_report(rare).startswith(b"%PDF-1.7")
    assert "𠮷".encode() in statement_of(draw_report(rare))


def test_fonts_have_the_characters_of_gb_2312() -> None:
    """Both levels, all 6763, and the signs of a report."""
    both = [
        bytes((high, low)).decode("gb2312")
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
        if not (high == 0xD7 and low >= 0xFA)
    ]
    assert len(both) == 6763
    assert drawable_characters() >= {*both, *"tCO2e–…·×0123456789,.()%"}


BROKEN = {
    "no lines": {"lines": None},
    "line malformed": {"lines": [{"line": {}, "salt": ""}]},
    "no language": {"languages": []},
    "unknown language": {"languages": ["fr"]},
    "no day": {"drawn_on": "2025-4-1x"},
    "no party": {"verifier": None},
    "unknown assurance": {"assurance": "SOME"},
    "findings are no list": {"findings": {}},
    "finding without a kind": {"findings": [{"number": 1}]},
    "opinion beyond the list": {"statement": {"opinion": "9"}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_document_that_lacks_something_is_not_drawn(name: str) -> None:
    """It is refused in words, not drawn in part."""
    with pytest.raises(ReportRefused):
        draw_report(changed(**BROKEN[name]))


def test_what_is_no_document_is_not_drawn() -> None:
    """Nor is a document of another version."""
    for encoded in (b"", b"{}", changed(version=2), CASE.document + b" "):
        with pytest.raises(EncodingError):
            draw_report(encoded)


def test_embedded_document_may_be_compressed() -> None:
    """The reader takes what the body has, whatever way it was stored."""
    assert zlib.compress(CASE.document) not in CASE.body
    assert b"/Filter/FlateDecode" in CASE.body
