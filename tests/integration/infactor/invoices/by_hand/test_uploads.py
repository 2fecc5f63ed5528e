"""Uploaded tables: read in whatever form they come, evaluated row by row, and imported once."""

import tracemalloc
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter

from infactor.documents.inspection import RefusedFile
from infactor.documents.storage import File
from infactor.invoices.by_hand import uploads
from infactor.invoices.models import Invoice, InvoiceUpload
from infactor.users import roles
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.financing import NOW, TODAY, Scenario

pytestmark = pytest.mark.django_db
HEADING = "Invoice number,Customer,Email,Date,Due date,Total,Tax"
ISSUED, DUE = TODAY.isoformat(), (TODAY + timedelta(days=30)).isoformat()


def line(number: str, amount: str = "100.00", buyer: str = "Cedar Inc", email: str = "ap@cedar.example") -> str:
    return f"{number},{buyer},{email},{ISSUED},{DUE},{amount},"


def receive(scenario: Scenario, data: str | bytes, **given: Any) -> InvoiceUpload:
    content = data if isinstance(data, bytes) else data.encode()
    file = File("invoices.csv", content)
    return uploads.receive(
        **{"supplier": scenario.supplier, "file": file, "currency": "USD", "by": scenario.owner, "at": NOW, **given}
    )


def table(*lines: str) -> str:
    return "\n".join([HEADING, *lines])


def imported(scenario: Scenario) -> list[str]:
    return sorted(
        Invoice.objects.filter(supplier=scenario.supplier, source="By hand").values_list("invoice_no", flat=True)
    )


def test_each_row_has_a_decision_and_nothing_is_imported_until_confirmed(scenario: Scenario) -> None:
    scenario.invoice(scenario.buyer("Cedar"), face="100", invoice_no="B-1", txn_date=TODAY, company_name="Cedar")
    upload = receive(
        scenario,
        table(
            line("A-1"),
            line("A-1"),
            line("B-1"),
            line("B-1", "90.00"),
            line("=1+1", "minus"),
            line("A-2", email=""),
            line("A-3", buyer="Nobody", email=""),
        ),
    )
    rows = uploads.checked_rows(upload)
    assert [(row["number"], row["decision"]) for row in rows] == [
        (2, "ready"),
        (3, "known"),
        (4, "known"),
        (5, "doubtful"),
        (6, "wrong"),
        (7, "ready"),
        (8, "wrong"),
    ]
    assert [column for column, _ in rows[4]["problems"]] == ["Invoice number", "Amount"]
    assert rows[6]["problems"] == [["Buyer email", "Enter the buyer's email address: they confirm the invoice."]]
    assert imported(scenario) == []
    assert uploads.confirm(upload=upload, by=scenario.owner, at=NOW) == 2
    assert uploads.confirm(upload=upload, by=scenario.owner, at=NOW) == 2, "a second click imports nothing"
    assert imported(scenario) == ["A-1", "A-2"]
    again = receive(scenario, table(line("A-1"), line("A-2", email="")) + "\n")
    assert again.counts["known"] == 2
    with pytest.raises(uploads.NothingToImport):
        uploads.confirm(upload=again, by=scenario.owner, at=NOW)


def test_semicolons_commas_marks_and_old_encodings_are_read(scenario: Scenario) -> None:
    text = (
        "Invoice number;Buyer;Buyer email;Invoice date;Due date;Amount\nÜ-1;Müller;a@b.example;25.10.2026;24.11.2026;"
    )
    for place, data in enumerate(
        (
            (text + "1.250,50").encode("utf-8-sig"),
            (text.replace("Ü-1", "Ü-2") + "1.250,50").encode("utf-16"),
            (text.replace("Ü-1", "Ü-3") + "1.250,50").encode("cp1252"),
        ),
        start=1,
    ):
        upload = receive(scenario, data)
        assert upload.counts["ready"] == 1, uploads.checked_rows(upload)
        assert uploads.checked_rows(upload)[0]["cells"]["number"] == f"Ü-{place}"
        uploads.confirm(upload=upload, by=scenario.owner, at=NOW)
    found = Invoice.objects.filter(source="By hand")
    assert {str(one.invoice_amount) for one in found} == {"1250.50"}
    assert {one.buyer_id for one in found} == {found[0].buyer_id}, "one buyer for all of them"


def test_what_means_two_things_is_asked_and_checked_again(scenario: Scenario) -> None:
    upload = receive(scenario, table('A-1,Cedar,a@b.example,10/05/2026,11/04/2026,"1,250",'))
    assert len(uploads.checked_rows(upload)[0]["problems"]) == 3
    said = uploads.choose(upload=upload, by=scenario.owner, choices={"decimal": "point", "days": "month_first"})
    assert said.counts["ready"] == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02,\x03", "neither CSV nor XLSX"),
        (b"Number\nA-1\n", "no columns"),
        (b"Buyer,Amount\nCedar,1\n", "Missing: Invoice number, Invoice date, Due date"),
        (HEADING.encode() + b'\nA-1,"Cedar\n', "Row 2 cannot be read"),
        (HEADING.encode() + b"\nA-1,\x81\x8d\n", "letters"),
        (HEADING.encode(), "no rows"),
        (HEADING.encode() + b"\nA,B" * 10_001, "more than 10,000 rows"),
        (HEADING.encode() + b"\n" + b"x" * 2_001 + b",", "longer than"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(scenario: Scenario, data: bytes, why: str) -> None:
    with pytest.raises(RefusedFile, match=why):
        receive(scenario, data)


def workbook(rows: list[list[Any]], *, day_format: str = "dd.mm.yy") -> bytes:
    content = BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": day_format})
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(place, column, value, day)
            else:
                sheet.write(place, column, value)
    book.close()
    return content.getvalue()


def test_a_workbook_is_read_with_its_days_numbers_and_gaps(scenario: Scenario) -> None:
    data = workbook(
        [
            HEADING.split(","),
            [1001, "Cedar & Söhne", "ap@cedar.example", TODAY, TODAY + timedelta(days=30), 1250.5, None],
            [],
            ["A-2", "Cedar", "ap@cedar.example", ISSUED, DUE, "1,250.00", 1.25],
        ]
    )
    upload = receive(scenario, data)
    rows = uploads.checked_rows(upload)
    assert [(row["number"], row["decision"]) for row in rows] == [(2, "ready"), (4, "ready")], rows
    cells = rows[0]["cells"]
    assert (cells["number"], cells["issued"], cells["amount"]) == ("1001", ISSUED, "1250.5")


def test_a_bomb_and_a_broken_workbook_are_refused(scenario: Scenario) -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 101_000_000)
    with pytest.raises(RefusedFile, match="far too much"):
        receive(scenario, content.getvalue())
    for sheet in (b"<worksheet><sheetData><row><c t='s'><v>9</v></c></row></sheetData></worksheet>", b"<worksheet>"):
        content = BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", sheet)
        with pytest.raises(RefusedFile, match="cannot be read"):
            receive(scenario, content.getvalue())


@pytest.mark.slow
def test_ten_thousand_rows_are_imported_in_little_memory(scenario: Scenario) -> None:
    data = table(*(line(f"N-{number}", buyer=f"Buyer {number % 20}") for number in range(10_000)))
    tracemalloc.start()
    upload = receive(scenario, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert upload.counts["ready"] == 10_000
    assert peak < 40_000_000
    assert uploads.confirm(upload=upload, by=scenario.owner, at=NOW) == 10_000


def test_strangers_are_refused_and_uploads_end_after_a_day(scenario: Scenario) -> None:
    with pytest.raises(roles.NotAllowed):
        receive(scenario, table(line("A-1")), by=MembershipFactory().user)
    upload = receive(scenario, table(line("A-1")))
    assert receive(scenario, table(line("A-1"))) == upload, "the same file twice is one upload"
    assert uploads.delete_expired(at=NOW + timedelta(days=1)) == 1
    with pytest.raises(uploads.NothingToImport):
        uploads.confirm(upload=upload, by=scenario.owner, at=NOW)
