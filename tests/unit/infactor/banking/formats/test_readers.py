"""Every reader gives the same records for several banks' dialects, and names each line that it refuses."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.banking.formats import csv_file, csv_layout, detection
from infactor.banking.formats.records import ParsedFile, ParsedStatement, StatementRow, UnreadableFile, identifying
from tests.support.statements import bank_file

NOV = [date(2026, 11, day) if day else date.min for day in range(15)]
IBAN = "DE02120300000000202051"


def read(name: str) -> ParsedFile:
    data = bank_file(name)
    format_ = detection.format_of(data=data)
    if format_ != detection.CSV:
        return detection.parse(data=data, format=format_)
    return csv_file.parse(detection=csv_layout.detect(data=data), currency="USD")


def only(name: str) -> ParsedStatement:
    (statement,) = read(name).statements
    return statement


def refused(found: ParsedFile) -> list[tuple[str, str]]:
    of_statements = [one for statement in found.statements for one in statement.refusals]
    return [(one.place, one.message) for one in [*found.refusals, *of_statements]]


def amounts(statement: ParsedStatement) -> list[str]:
    return [str(row.amount) for row in statement.rows]


@pytest.mark.parametrize("name", ["camt053_v2.xml", "camt053_v8.xml"])
def test_camt_is_read_in_old_and_new_versions(name: str) -> None:
    found = read(name)
    (statement,) = found.statements
    assert (statement.account_number, statement.currency) == ("DE89370400440532013000", "EUR")
    assert (statement.opening_balance, statement.closing_balance) == (Decimal("10000.00"), Decimal("14175.00"))
    assert statement.difference == 0
    first, *batch, fee = statement.rows
    assert first == StatementRow(
        "line 10",
        NOV[2],
        NOV[2],
        Decimal("1190.00"),
        entry_id="BANK-1",
        payer="Müller Getränke GmbH",
        payer_account=IBAN,
        remittance="Rechnung RE-2026-0017",
    )
    assert [(one.place, str(one.amount), one.reference, one.batch_id) for one in batch] == [
        ("line 12, payment 1", "1000.00", "E2E-1", "BATCH-2"),
        ("line 12, payment 2", "2000.00", "E2E-2", "BATCH-2"),
    ]
    assert (fee.amount, fee.booking_date, fee.remittance) == (Decimal("-15.00"), NOV[2], "Account fee")
    assert refused(found) == [
        ("line 15", "The bank has not booked it yet, and will send it again."),
        ("line 16", "It has a fraction of a cent."),
    ]


def test_a_notification_has_lines_and_no_balances() -> None:
    statement = only("camt054_v8.xml")
    assert amounts(statement) == ["1190.00", "1000.00", "2000.00", "-15.00"]
    assert statement.closing_balance is None


def test_xml_with_entities_is_not_read() -> None:
    with pytest.raises(UnreadableFile, match="defines entities or a document type"):
        read("camt_with_entity.xml")


def test_mt940_with_nonref_on_every_line_has_no_references_but_those_of_the_payers() -> None:
    found = read("deutsche.sta")
    (statement,) = found.statements
    assert [(row.reference, row.entry_id) for row in statement.rows] == [("RE-2026-0017", ""), ("", ""), ("", "")]
    assert amounts(statement) == ["1190.00", "-8500.00", "-100.00"]  # the last one takes a credit back
    assert statement.difference == 0
    assert (statement.rows[0].payer, statement.rows[0].payer_account) == ("Mueller Getraenke GmbH", IBAN)
    assert refused(found) == [("line 11", "This line cannot be read as a field 61 of MT940.")]


def test_two_statements_of_one_mt940_file_keep_their_balances() -> None:
    first, second = read("rabobank_gap.sta").statements
    assert (first.closing_balance, second.opening_balance) == (Decimal("1250.00"), Decimal("3000.00"))
    assert [row.entry_id for row in (*first.rows, *second.rows)] == ["A1B2C3D4", "B2C3D4E5"]


def test_bai2_holds_two_accounts_and_amounts_in_cents() -> None:
    found = read("chase.bai")
    first, second = found.statements
    assert amounts(first) == ["1250.00", "-15.00", "1000.00"]
    assert first.difference == 0
    assert first.rows[0].value_date == NOV[3]
    assert first.rows[0].remittance == "NORTHWIND TRADERS PAYMENT OF INV-1003"
    assert (second.account_number, second.rows, second.difference) == ("000777777777", [], Decimal("1.00"))
    assert refused(found) == [("line 10", "This detail cannot be read: an unknown type or a bad amount.")]


def test_ofx_days_are_the_banks_own_and_an_amount_with_two_meanings_is_refused() -> None:
    found = read("us_bank.ofx")
    (statement,) = found.statements
    assert [(row.booking_date, str(row.amount), row.entry_id) for row in statement.rows] == [
        (NOV[2], "1250.00", "202611020001"),
        (NOV[3], "-15.00", "202611030001"),
        (NOV[3], "75.00", ""),
    ]
    assert statement.rows[0].payer == "CAFÉ NORTHWIND"
    assert refused(found) == [("line 19", "Its amount cannot be read, or could mean two amounts.")]


def test_ofx_2_of_two_accounts_has_amounts_without_a_zero_in_front() -> None:
    found = read("credit_union.qfx")
    checking, savings = found.statements
    assert [(row.booking_date, str(row.amount), row.entry_id, row.reference) for row in checking.rows] == [
        (NOV[2], "2500.00", "0000000101", ""),
        (NOV[3], "-8500.00", "0000000102", ""),
    ]
    assert checking.rows[0].payer == "Müller & Søn Inc"
    assert (savings.account_number, amounts(savings), savings.closing_balance) == (
        "000777777777",
        ["0.75"],
        Decimal("500.75"),
    )
    assert refused(found) == [("line 12", "Its day cannot be read.")]


def test_bai2_in_records_of_80_characters_with_funds_of_several_days_and_no_currency() -> None:
    statement = only("wells_padded.bai")
    assert (statement.account_number, statement.currency, statement.difference) == ("4121234567", "USD", 0)
    assert amounts(statement) == ["1250.50", "1250.00", "-10.00", "-25.00"]
    assert {row.reference for row in statement.rows} == {""}
    assert [row.entry_id for row in statement.rows] == ["", "LOCKBOX1", "", ""]
    assert "NORTHWIND TRADERS, LLC" in statement.rows[0].remittance
    assert "INV-1003" in statement.rows[0].remittance


def test_a_csv_amount_needs_no_zero_in_front() -> None:
    data = b"Date,Description,Amount,Reference\n13/11/2026,Interest,.75,R-1\n14/11/2026,Charge,(.5),R-2\n"
    (statement,) = csv_file.parse(detection=csv_layout.detect(data=data), currency="USD").statements
    assert amounts(statement) == ["0.75", "-0.50"]


@pytest.mark.parametrize(("name", "encoding"), [("sparkasse_bom.csv", "utf-8"), ("sparkasse_latin1.csv", "cp1252")])
def test_a_german_csv_file_decides_everything_itself(name: str, encoding: str) -> None:
    layout = csv_layout.detect(data=bank_file(name)).layout
    assert (layout.encoding, layout.delimiter, layout.decimal_sign, layout.date_order) == (encoding, ";", ",", "dmy")
    statement = only(name)
    assert amounts(statement) == ["1190.00", "-250.50", "-7.90"]
    assert statement.rows[1].payer == "Café Köln OHG"
    assert statement.rows[1].value_date == NOV[3]


def test_an_american_csv_file_with_the_newest_line_first_states_its_balances() -> None:
    statement = only("us_newest_first.csv")
    assert amounts(statement) == ["1250.00", "-8500.00", "-15.00", "11275.00"]
    assert (statement.opening_balance, statement.closing_balance) == (Decimal("100000.00"), Decimal("104010.00"))
    assert {row.reference for row in statement.rows} == {""}


@pytest.mark.parametrize(
    ("name", "undecided"), [("us_ambiguous_days.csv", "date_order"), ("ambiguous_decimals.csv", "decimal_sign")]
)
def test_what_a_csv_file_does_not_decide_is_asked(name: str, undecided: str) -> None:
    assert csv_layout.detect(data=bank_file(name)).undecided == (undecided,)
    chosen = {"date_order": "mdy", "decimal_sign": ","}
    assert csv_layout.detect(data=bank_file(name), chosen=chosen).undecided == ()
    saved = csv_layout.detect(data=bank_file(name), chosen=chosen).layout.as_json()
    assert csv_layout.detect(data=bank_file(name), saved=saved).undecided == ()


def test_a_csv_file_of_several_accounts_names_each_line_that_it_refuses() -> None:
    found = read("two_accounts.csv")
    assert [(one.account_number, one.currency, amounts(one)) for one in found.statements] == [
        ("000123456789", "USD", ["500.00", "1.50"]),
        ("GB33BUKB20201555555555", "GBP", ["-12.00"]),
        ("999999999", "USD", ["70.00"]),
    ]
    assert [place for place, _ in refused(found)] == ["line 6", "line 7", "line 8", "line 9"]
    assert found.statements[0].rows[1].reference == ""  # 1.23E+12 has lost its digits


def test_directions_and_named_months_are_read() -> None:
    statement = only("drcr_tabs.csv")
    assert [(row.booking_date, str(row.amount)) for row in statement.rows] == [(NOV[2], "980.00"), (NOV[3], "-4.50")]


@pytest.mark.parametrize(
    "text", ["NONREF", "not provided", "", "  ", "0000", "N/A", "1.23E+12", "1,5e+9", "123456789012345000", "ST-7"]
)
def test_words_that_identify_nothing_are_no_references(text: str) -> None:
    assert identifying(text, besides="ST-7") == ""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "another format"),
        (b"%PDF-1.7", "another format"),
        (b"<?xml version='1.0'?><Document/>", "no CAMT"),
        (b"<?xml version='1.0'?><Document", "not readable as XML"),
        (b"OFXHEADER:100\n\n", "no OFX"),
        (b"01,a,b,261102,1800,1,80,,2/\nnonsense", "not readable as BAI2"),
        (b":20:X\n:25:1\n:60F:rubbish\n", "MT940"),
        (b"x" * 10_000_001, "larger than 10 MB"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        detection.parse(data=data, format=detection.format_of(data=data))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for head in (b"", b"OFXHEADER:100\n<OFX>", b"01,a,b,261102,1800,1,80,,2/\n", b":20:A\n:60F:C261101EUR1,\n"):
        try:
            format_ = detection.format_of(data=head + data)
            if format_ == detection.CSV:
                found = csv_layout.detect(data=head + data)
                if not found.undecided:
                    csv_file.parse(detection=found, currency="USD")
            else:
                detection.parse(data=head + data, format=format_)
        except UnreadableFile:
            continue
