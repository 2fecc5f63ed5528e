"""Once a day the books are compared with infactor, and each line that differs has a reason."""

from decimal import Decimal

import pytest

from infactor.financing.models import Advance, Payout
from quickbooks_app.bookkeeping import comparison, decisions
from quickbooks_app.models import BookkeepingComparison, BookkeepingEntry, BookkeepingSettings, Push
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.bookkeeping.conftest import Books

pytestmark = pytest.mark.django_db


def compare(books: Books) -> BookkeepingComparison:
    found = comparison.compare(connection_id=books.connection.pk, now=books.company.clock)
    assert found is not None
    return found


def lines(found: BookkeepingComparison) -> list[tuple[str, str, str]]:
    rows = found.lines.order_by("role", "kind", "pk")
    total = {role: Decimal(0) for role in ("advances", "due")}
    for one in rows:
        total[one.role] += one.amount
    for role, amount in total.items():
        assert amount == getattr(found, f"{role}_theirs") - getattr(found, f"{role}_ours"), "the lines explain all"
    return [(one.role, one.kind, f"{one.amount:.2f}") for one in rows]


@pytest.fixture
def advance(books: Books) -> Advance:
    """An advance of which the buyer has paid a part, with everything in the books."""
    advance = books.fund()
    books.scenario.pay(advance, "4000")
    books.work()
    return advance


def test_what_is_written_is_equal_to_the_cent_once_a_day(books: Books, advance: Advance) -> None:
    found = compare(books)
    assert (found.state, lines(found)) == ("equal", [])
    assert (found.advances_theirs, found.due_theirs) == (Decimal(-8500), Decimal(4000))
    assert comparison.due_connection_ids(at=books.company.clock()) == []
    compare(books)
    assert BookkeepingComparison.objects.count() == 1, "a second one on a day replaces the first"
    books.company.clock.advance(minutes=60 * 24)
    assert comparison.due_connection_ids(at=books.company.clock()) == [books.connection.pk]


def test_each_reason_has_a_line(books: Books, advance: Advance) -> None:
    deposit, payment = books.entry("advance").push, books.entry("buyer_payment").push
    assert deposit is not None
    assert payment is not None
    changed = books.company.read("Deposit", deposit.qbk_id)
    changed["Line"][0]["Amount"] = 8000
    books.company.edit("Deposit", deposit.qbk_id, Line=changed["Line"])
    books.company.delete("Payment", payment.qbk_id)
    theirs = books.settings.accounts.get(role="advances").qbk_id
    books.company.write(
        "Deposit",
        {
            "DepositToAccountRef": {"value": "35"},
            "Line": [
                {
                    "Amount": 12.5,
                    "DetailType": "DepositLineDetail",
                    "DepositLineDetail": {"AccountRef": {"value": theirs}},
                }
            ],
        },
    )
    books.fund("1000.00")
    found = compare(books)
    assert found.state == "different"
    assert lines(found) == [
        ("advances", "changed", "500.00"),
        ("advances", "not_written", "850.00"),
        ("advances", "unknown", "-12.50"),
        ("due", "deleted", "-4000.00"),
    ]


def test_failed_done_by_hand_and_undone_say_why(books: Books, advance: Advance) -> None:
    books.fund("1000.00")
    books.company.faults.switch_on(Fault(kind="period_closed", remaining=1, target="writes"))
    books.work()
    assert lines(compare(books)) == [("advances", "failed", "850.00")]
    failed = next(one for one in books.entries() if one.push and one.push.state == "failed")
    by = {"by": books.scenario.operations, "at": books.company.clock()}
    decisions.mark_done(entry=failed, reason="Entered in November.", **by)
    assert lines(compare(books)) == [("advances", "by_hand", "850.00")]
    decisions.undo(
        entry=books.entry("buyer_payment"), on=books.company.clock().date(), reason="The wrong customer.", **by
    )
    books.work()
    found = compare(books)
    assert lines(found) == [("advances", "by_hand", "850.00"), ("due", "undone", "-4000.00")]
    assert {one.explanation for one in found.lines.all()} == {"Entered in November.", "The wrong customer."}


def test_money_of_another_currency_is_not_added_to_that_of_the_accounts(books: Books, advance: Advance) -> None:
    Payout.objects.filter(advance=books.fund("1000.00")).update(currency="EUR")
    books.work()
    assert BookkeepingEntry.objects.get(currency="EUR").blocker
    found = compare(books)
    assert (found.state, lines(found)) == ("equal", [])
    assert found.advances_ours == Decimal(-8500), "euros are not dollars"


def test_what_was_in_a_chosen_account_before_is_one_line(books: Books, advance: Advance) -> None:
    asset = books.settings.accounts.get(role="due").qbk_id
    for day in ("2026-01-05", "2026-02-05"):
        books.company.write(
            "Transfer",
            {"Amount": 10, "FromAccountRef": {"value": "35"}, "ToAccountRef": {"value": asset}, "TxnDate": day},
        )
    assert lines(compare(books)) == [("due", "unknown", "20.00")]


def test_reports_that_cannot_be_had_are_said_and_asked_for_again(books: Books, advance: Advance) -> None:
    books.company.faults.switch_on(Fault(kind="server_error", remaining=None))
    found = compare(books)
    assert (found.state, bool(found.error), found.advances_theirs) == ("failed", True, None)
    assert comparison.due_connection_ids(at=books.company.clock()) == []
    books.company.clock.advance(minutes=181)
    assert comparison.due_connection_ids(at=books.company.clock()) == [books.connection.pk]
    BookkeepingSettings.objects.update(turned_on_at=None, turned_on_by=None)
    assert comparison.due_connection_ids(at=books.company.clock()) == []
    assert comparison.compare(connection_id=books.connection.pk, now=books.company.clock) is None
    assert Push.objects.exists()
