"""A batch that must not leave is refused in every format, in a sentence that names the payment."""

import csv
import io
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from infactor.banking import payment_files
from infactor.banking.errors import CannotWrite
from infactor.banking.payment_files import PaymentOrder
from tests.support.payment_orders import AT, DAY, us_account, us_order, written


@pytest.mark.parametrize("format", [value for value, _ in payment_files.FORMATS])
def test_what_is_wrong_in_any_format_is_refused(format: str) -> None:
    wrong: list[tuple[list[PaymentOrder], str]] = [
        ([], "Cannot write: this batch is empty."),
        ([us_order(), us_order()], "payment PAYOUT-1 is in this batch more than once"),
        ([us_order(amount=Decimal(0))], "above zero"),
        ([us_order(amount=Decimal("-5.00"))], "above zero"),
        ([us_order(amount=Decimal("1.005"))], "a fraction of a cent"),
        ([us_order(amount=Decimal("NaN"))], "not a finite number"),
        ([us_order(amount=Decimal(10) ** 17)], "more than 16 digits"),
        ([us_order(), us_order(end_to_end_id="B", currency="EUR")], "Payment B: it is in EUR"),
        ([us_order(account_number=" ")], "account number is missing"),
        ([us_order(routing_number="")], "not a valid routing number"),
        ([us_order(end_to_end_id="")], "its id needs 1 to 35 plain characters"),
        ([us_order(end_to_end_id="X" * 36)], "its id needs 1 to 35 plain characters"),
    ]
    for orders, said in wrong:
        with pytest.raises(CannotWrite, match=said):
            written(format, account=us_account(), orders=orders)
    seven = [us_order(end_to_end_id=f"P{place}", payee="") for place in range(7)]
    with pytest.raises(CannotWrite, match=r"Payment P4: .* And 2 more\."):
        written(format, account=us_account(), orders=seven)


def test_a_file_is_only_written_for_a_bank_day_that_the_bank_can_still_keep() -> None:
    for day, at, said in (
        (date(2026, 11, 26), AT, "November 26, 2026 is no bank day of Operating, USD: it is Thanksgiving Day"),
        (date(2026, 11, 7), AT, "it is a Saturday"),
        (date(2026, 10, 30), AT, "on November 2, 2026 at the earliest"),
    ):
        with pytest.raises(CannotWrite, match=said):
            written("csv", account=us_account(), orders=[us_order()], day=day, at=at)
    late = us_account(cut_off=time(10))
    with pytest.raises(CannotWrite, match="on November 3, 2026 at the earliest"):
        written("csv", account=late, orders=[us_order()], day=date(2026, 11, 2))


def test_a_batch_without_a_format_or_with_a_bad_id_is_refused() -> None:
    with pytest.raises(CannotWrite, match="choose a format"):
        written("", account=us_account(), orders=[us_order()])
    at: datetime = AT
    for batch_id in ("", "é", "/1", "a//b", "X" * 36):
        with pytest.raises(CannotWrite, match="cannot be the id of a batch"):
            payment_files.write(
                format="csv", account=us_account(), batch_id=batch_id, orders=[us_order()], execution_day=DAY, at=at
            )


def test_csv_keeps_zeros_quotes_text_and_no_cell_runs_as_a_formula() -> None:
    order = us_order(payee='=HYPERLINK("http://evil")', text="@SUM(A1)\n+1", amount=Decimal("1234567.80"))
    file = written("csv", account=us_account(), orders=[order])
    head, line, end = file.content.decode().split("\r\n")
    assert end == ""
    assert head.startswith('"end_to_end_id","execution_day","payee"')
    assert '"0001112223","021000021",1234567.80,"USD"' in line
    (row,) = csv.DictReader(io.StringIO(file.content.decode()))
    assert (row["payee"], row["text"]) == ('\'=HYPERLINK("http://evil")', "'@SUM(A1) +1")
