"""The mapping of payments and credit memos: links to invoices, voids, and invalid values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from infactor.invoices.ingest.records import AllocationRecord
from quickbooks_app.mapping.payments import map_credit_memo, map_payment
from tests.support.payloads import Written, credit_memo, encode, payment


def codes(issues: list[Any]) -> list[tuple[str, str]]:
    return [(issue.field, issue.code) for issue in issues]


def lines(*laid: tuple[str, str, Any]) -> list[dict[str, Any]]:
    return [{"Amount": amount, "LinkedTxn": [{"TxnId": one, "TxnType": kind}]} for kind, one, amount in laid]


def test_a_payment_becomes_a_record() -> None:
    record, issues = map_payment(payment())
    assert issues == []
    assert record.reference == "31"
    assert (record.customer_reference, record.number, record.paid_on) == ("24", "6552", date(2026, 4, 6))
    assert (record.amount, record.unapplied, record.currency) == (Decimal("108.00"), Decimal("0.00"), "EUR")
    assert (record.moves_money, record.is_void, record.sync_token) == (True, False, "1")
    assert record.books_updated_at == datetime(2026, 5, 5, 9, 6, 31, tzinfo=UTC)
    assert record.allocations == (AllocationRecord("Invoice", "130", Decimal("108.00")),)


def test_every_line_that_names_something_is_kept_in_order() -> None:
    laid = lines(("Invoice", "1", Decimal("60.00")), ("JournalEntry", "2", Decimal("40.00")), ("Invoice", "3", 8))
    record, issues = map_payment(payment(Line=[*laid, {"Amount": 1}, {"Amount": 1, "LinkedTxn": []}]))
    assert issues == []
    assert [(one.kind, one.reference, one.amount) for one in record.allocations] == [
        ("Invoice", "1", Decimal("60.00")),
        ("JournalEntry", "2", Decimal("40.00")),
        ("Invoice", "3", Decimal("8.00")),
    ]


def test_a_credit_laid_against_an_invoice_moves_no_money() -> None:
    record, _ = map_payment(payment(TotalAmt=0, Line=lines(("Invoice", "1", 30), ("CreditMemo", "2", 30))))
    assert (record.moves_money, record.is_void) == (False, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"TotalAmt": 5, "Line": lines(("Invoice", "1", 35), ("CreditMemo", "2", 30))},
        {"TotalAmt": 0, "Line": lines(("Invoice", "1", 30), ("JournalEntry", "2", 30))},
        {"TotalAmt": 0, "Line": []},
    ],
)
def test_any_other_payment_counts_as_money(changes: dict[str, Any]) -> None:
    assert map_payment(payment(**changes)).record.moves_money is True


@pytest.mark.parametrize("note", ["Voided", "Voided - see ticket 7"])
def test_a_payment_of_nothing_that_says_so_is_void(note: str) -> None:
    record, issues = map_payment(payment(TotalAmt=0, UnappliedAmt=0, Line=[], PrivateNote=note))
    assert (record.is_void, issues) == (True, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"TotalAmt": 0, "Line": []},
        {"TotalAmt": 0, "Line": [], "PrivateNote": "not Voided"},
        {"TotalAmt": 1, "Line": [], "PrivateNote": "Voided"},
        {"TotalAmt": 0, "UnappliedAmt": 1, "Line": [], "PrivateNote": "Voided"},
        {"TotalAmt": 0, "Line": lines(("Invoice", "1", 0)), "PrivateNote": "Voided"},
    ],
)
def test_nothing_else_is_a_void(changes: dict[str, Any]) -> None:
    assert map_payment(payment(**changes)).record.is_void is False


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (Written("1e400"), "out_of_bounds"),
        ("108.00", "not_a_number"),
        ("NaN", "not_a_number"),
        (Decimal("1.005"), "out_of_bounds"),
        (Decimal("-1"), "negative"),
        (None, "missing"),
    ],
)
def test_an_amount_that_is_none_is_an_issue_and_the_payment_stays(value: Any, code: str) -> None:
    laid = [{"Amount": value, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}]
    record, issues = map_payment(payment(TotalAmt=value, Line=laid))
    assert codes(issues) == [("TotalAmt", code), ("Line.Amount", code)]
    assert (record.amount, record.allocations) == (None, (AllocationRecord("Invoice", "1", None),))


def test_what_is_absent_is_empty_and_a_missing_customer_is_told() -> None:
    record, issues = map_payment(encode({"Id": "1", "TotalAmt": 3}))
    assert codes(issues) == [("CustomerRef", "missing")]
    assert (record.paid_on, record.unapplied, record.number, record.allocations) == (None, None, "", ())
    assert record.moves_money is True


@pytest.mark.parametrize("value", ["text", 7, {"Amount": 1}, [1], [{"LinkedTxn": "x"}]])
def test_lines_that_are_none_are_an_issue(value: Any) -> None:
    record, issues = map_payment(payment(Line=value))
    assert (codes(issues), record.allocations) == ([("Line", "unreadable")], ())


def test_an_object_without_id_is_refused() -> None:
    for read in (map_payment, map_credit_memo):
        with pytest.raises(msgspec.DecodeError):
            read(encode({"TotalAmt": 1}))


def test_a_credit_memo_becomes_a_record() -> None:
    record, issues = map_credit_memo(credit_memo())
    assert issues == []
    assert (record.reference, record.number, record.issued_on) == ("73", "1026", date(2026, 4, 7))
    assert (record.amount, record.remaining, record.currency) == (Decimal("100.00"), Decimal("60.00"), "EUR")
    assert (record.is_void, record.customer_reference) == (False, "24")


def test_without_a_remaining_credit_the_balance_counts() -> None:
    raw = credit_memo(without=("RemainingCredit",), Balance=Decimal("12.50"))
    assert map_credit_memo(raw).record.remaining == Decimal("12.50")


def test_a_credit_memo_of_nothing_that_says_so_is_void() -> None:
    zero = [{"Amount": 0, "DetailType": "SalesItemLineDetail"}]
    record, _ = map_credit_memo(credit_memo(TotalAmt=0, RemainingCredit=0, Line=zero, PrivateNote="Voided"))
    assert record.is_void is True
    alive = [{"Amount": 3, "DetailType": "SalesItemLineDetail"}]
    assert map_credit_memo(credit_memo(TotalAmt=0, Line=alive, PrivateNote="Voided")).record.is_void is False
