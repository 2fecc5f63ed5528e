"""A PDF shows every name, whatever its script and length, on numbered pages, and is the same when it is made again."""

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from infactor.core.pdf import typefaces
from infactor.core.pdf.paper import Cell, Column, Paper
from tests.support import pdf

AT = datetime(2026, 12, 1, tzinfo=UTC)
COLUMNS = [Column("What", 60), Column("Amount", 20, is_number=True)]


def drawn(*names: str, rows: int = 0) -> bytes:
    paper = Paper(title="Statement", at=AT, reference="infactor")
    paper.letterhead(sender=["infactor", "1 Main Street"], recipient=names, side=["November 2026"])
    paper.title_line("Statement")
    paper.rows_table(
        COLUMNS, ([Cell(f"Row {n}", names), Cell("1.00")] for n in range(rows)), foot=[Cell("All"), Cell("9")]
    )
    return paper.finished()


@pytest.mark.parametrize("name", ["Łódź Żółw", "漢字かな 한국", "Ωμέγα Жук", "½ € × − “x” →"])
def test_names_of_other_scripts_can_be_read(name: str) -> None:
    assert name in pdf.words(drawn(name, rows=1))


def test_letters_of_arabic_are_joined_and_none_is_lost() -> None:
    text = pdf.words(drawn("شركة النور", "שלום", rows=1))
    for word in ("شركة", "النور", "שלום"):
        assert word in text or word[::-1] in text, word


def test_what_no_font_has_and_what_turns_text_round_is_seen_or_gone() -> None:
    assert typefaces.printable("a\u202eb\u200bc\x00\n d") == "abc d"
    assert typefaces.printable("हि") == typefaces.MISSING * 2
    assert "ab" in pdf.words(drawn("a\u202eb", "हिन्दी"))


def test_words_longer_than_a_line_and_cells_longer_than_a_page_go_on() -> None:
    file = drawn("Q" * 3000, rows=1)
    assert pdf.words(file).replace(" ", "").count("Q") == 6000
    cell = Paper(title="x", at=AT, reference="x")
    cell.rows_table(COLUMNS, [[Cell("x", [f"Line {n}." for n in range(300)]), Cell("1")]])
    told = pdf.words(cell.finished())
    assert all(f"Line {n}." in told for n in range(300))


def test_pages_are_numbered_the_head_is_repeated_and_the_file_says_what_it_is() -> None:
    file = drawn("Acme", rows=120)
    found = pdf.pages(file)
    assert len(found) > 3
    for number, text in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in text
        assert "What Amount" in " ".join(text.split())
    reader = PdfReader(io.BytesIO(file))
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_title == {"x-default": "Statement"}
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert drawn("Acme", rows=120) == file
