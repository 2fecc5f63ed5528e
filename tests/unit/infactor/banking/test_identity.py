"""A line is known by the bank's own id, else by what it says and its place among its equals."""

from datetime import date
from decimal import Decimal

from infactor.banking import identity
from infactor.banking.formats.records import StatementRow


def row(amount: str = "10.00", **given: object) -> StatementRow:
    return StatementRow("line 1", date(2026, 11, 2), date(2026, 11, 2), Decimal(amount), **given)  # type: ignore[arg-type]


def identities(*rows: StatementRow) -> list[str]:
    return [one.identity for one in identity.identify(rows=rows)]


def test_equal_lines_of_one_statement_are_two_and_the_same_two_in_the_next_file() -> None:
    twice = identities(row(payer="Northwind"), row(payer="Northwind"))
    assert len(set(twice)) == 2
    assert identities(row("5.00"), row(payer="Northwind"), row(payer="NORTHWIND "))[1:] == twice


def test_two_payers_with_the_same_reference_are_two_payments() -> None:
    assert len(set(identities(row(payer="A", reference="R-1"), row(payer="B", reference="R-1")))) == 2


def test_the_banks_own_id_decides_whatever_else_a_later_file_says() -> None:
    assert identities(row(entry_id="F1", payer="A")) == identities(row(entry_id="F1", remittance="more text"))
    fee = identities(row(entry_id="F1"), row("-1.00", entry_id="F1"))
    assert len(set(fee)) == 2
