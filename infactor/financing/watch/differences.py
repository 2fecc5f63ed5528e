"""The differences between what was bought and what the books say now, field by field. Pure, no query.

A payment of ours, a payment that explains itself by ours, and a short payment that staff accepted are no difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from infactor.core.dates import format_day
from infactor.financing.models import Case
from infactor.financing.watch.payments_and_receipts import BookedPayment
from infactor.invoices.states import BooksStatus

ZERO = Decimal(0)
MINOR, SEVERE = Case.Severity.MINOR.value, Case.Severity.SEVERE.value
NONE = "none"
CREDIT_KINDS = {
    "CreditMemo": "Credit memo applied",
    "JournalEntry": "Journal entry applied",
    "Deposit": "Deposit applied",
    "Check": "Check applied",
    "Expense": "Expense applied",
    "Purchase": "Expense applied",
    "RefundReceipt": "Refund applied",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The watched fields of an invoice, as bought or as the books have them now. Amounts are in `currency`.

    `buyer` says who owes: ("customer", id) of a root customer, or ("debtor", id) if staff joined it into one.
    """

    number: str
    currency: str
    amount: Decimal | None
    balance: Decimal | None
    tax_amount: Decimal | None
    deposit: Decimal | None
    txn_date: date | None
    due_on: date | None
    buyer: tuple[str, int] | None
    buyer_name: str
    books_status: str
    lines: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What else counts: payments that lie on the invoice, and infactor's own figures in the advance's currency.

    `cushion` is the reserve less the first fee: what may be missing before infactor loses. `is_collected`: the buyer
    owes nothing any more. `excess_credit` is the buyer's open credit that no other invoice can take.
    `is_settled_down`: the books of this invoice were not touched a moment ago, so its balance belongs to its payments.
    """

    payments: Sequence[BookedPayment] = field(default_factory=list)
    short_payments: Decimal = ZERO
    cushion: Decimal = ZERO
    excess_credit: Decimal = ZERO
    is_collected: bool = False
    is_settled_down: bool = True


class Difference(NamedTuple):
    """One field: as it was bought, as it is now, and how much lower the debt is by it (0: not lower)."""

    field: str
    bought: str
    now: str
    lowers: Decimal = ZERO
    is_severe: bool = False


def compare(*, bought: Facts, now: Facts, around: Circumstances) -> list[dict[str, Any]]:
    """The differences as a case keeps them, the severe ones first."""
    found = list(_without_short_payments(_differences(bought, now, around), around.short_payments))
    lowered = sum((one.lowers for one in found), ZERO)
    is_uncovered = lowered > around.cushion
    rows = [
        {
            "field": one.field,
            "bought": one.bought,
            "now": one.now,
            "severity": SEVERE
            if not around.is_collected and (one.is_severe or (one.lowers > 0 and is_uncovered))
            else MINOR,
        }
        for one in found
    ]
    return sorted(rows, key=lambda one: one["severity"] != SEVERE)


def needs_time(*, bought: Facts, now: Facts, around: Circumstances) -> bool:
    """Whether the balance has no explanation yet, and the books may be half read."""
    return not around.is_settled_down and _unaccounted(bought, now, around) != 0


def _differences(bought: Facts, now: Facts, around: Circumstances) -> Iterator[Difference]:
    if now.books_status == BooksStatus.DELETED:
        yield Difference("In QuickBooks", "Open", "Deleted", is_severe=True)
        return
    if now.books_status == BooksStatus.VOIDED:
        yield Difference("In QuickBooks", "Open", "Voided", is_severe=True)
        return
    if now.currency != bought.currency:
        yield Difference("Currency", bought.currency or NONE, now.currency or NONE, is_severe=True)
    if now.buyer != bought.buyer:
        yield Difference("Buyer", bought.buyer_name or NONE, now.buyer_name or NONE, is_severe=True)
    yield from _amounts(bought, now, around)
    if now.number != bought.number:
        yield Difference("Number", bought.number or NONE, now.number or NONE)
    if now.txn_date != bought.txn_date:
        yield Difference("Invoice date", _day(bought.txn_date), _day(now.txn_date))
    if now.due_on != bought.due_on:
        yield Difference("Due date", _day(bought.due_on), _day(now.due_on))
    if [list(line) for line in now.lines] != [list(line) for line in bought.lines]:
        yield _lines(bought, now)


def _amounts(bought: Facts, now: Facts, around: Circumstances) -> Iterator[Difference]:
    currency = bought.currency
    if now.amount != bought.amount:
        yield Difference(
            "Amount",
            _money(bought.amount, currency),
            _money(now.amount, now.currency),
            lowers=_drop(bought.amount, now.amount),
            is_severe=now.amount is None,
        )
    if now.tax_amount != bought.tax_amount:
        yield Difference("Sales tax", _money(bought.tax_amount, currency), _money(now.tax_amount, now.currency))
    if (now.deposit or ZERO) != (bought.deposit or ZERO):
        yield Difference(
            "Deposit on the invoice",
            _money(bought.deposit or ZERO, currency),
            _money(now.deposit or ZERO, currency),
            lowers=max((now.deposit or ZERO) - (bought.deposit or ZERO), ZERO),
        )
    for one in around.payments:
        if not one.is_own and (not one.moves_money or one.credited > 0):
            amount = one.credited if one.moves_money else one.amount
            yield Difference(
                _credit_name(one.kinds),
                NONE,
                f"{_money(amount, currency)}, {_day(one.paid_on)}",
                lowers=amount or ZERO,
                is_severe=amount is None,
            )
    unaccounted = _unaccounted(bought, now, around)
    if unaccounted > 0 and around.is_settled_down:
        yield Difference(
            "Open balance", _money(bought.balance, currency), _money(now.balance, now.currency), lowers=unaccounted
        )
    if now.balance is None and bought.balance is not None:
        yield Difference("Open balance", _money(bought.balance, currency), "cannot be read", is_severe=True)
    if around.excess_credit > 0:
        yield Difference(
            "Open credit of the buyer", NONE, _money(around.excess_credit, currency), lowers=around.excess_credit
        )


def _unaccounted(bought: Facts, now: Facts, around: Circumstances) -> Decimal:
    """How much lower the balance is than amount, deposit and payments explain. A payment may be read before it."""
    if bought.balance is None or now.balance is None or now.amount is None or bought.amount is None:
        return ZERO
    if now.books_status in (BooksStatus.DELETED, BooksStatus.VOIDED):
        return ZERO
    laid_on_it = sum((one.amount or ZERO for one in around.payments if one.is_applied), ZERO)
    deposited = (now.deposit or ZERO) - (bought.deposit or ZERO)
    expected = bought.balance + (now.amount - bought.amount) - deposited - laid_on_it
    return max(expected - now.balance, ZERO)


def _without_short_payments(found: Iterator[Difference], accepted: Decimal) -> Iterator[Difference]:
    """Leave out what staff accepted as a short payment: what lowers the debt by no more than is left of it."""
    for one in found:
        if 0 < one.lowers <= accepted and not one.is_severe:
            accepted -= one.lowers
        else:
            yield one


def _credit_name(kinds: Sequence[str]) -> str:
    return next((CREDIT_KINDS[kind] for kind in kinds if kind in CREDIT_KINDS), "Credit applied")


def _lines(bought: Facts, now: Facts) -> Difference:
    """The first line that differs, and how many lines there are."""
    before, after = [list(line) for line in bought.lines], [list(line) for line in now.lines]
    place = next(
        (number for number, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    return Difference("Lines", _line(before, place), _line(after, place))


def _line(lines: Sequence[Sequence[str]], place: int) -> str:
    count = f"{len(lines)} line{'' if len(lines) == 1 else 's'}"
    if place >= len(lines):
        return f"{count}; no line {place + 1}"
    return f"{count}; line {place + 1}: {', '.join(text for text in lines[place] if text)}"[:300]


def _drop(before: Decimal | None, after: Decimal | None) -> Decimal:
    return max((before or ZERO) - after, ZERO) if after is not None else ZERO


def _money(amount: Decimal | None, currency: str) -> str:
    return "cannot be read" if amount is None else f"{amount:,.2f} {currency}".strip()


def _day(day: date | None) -> str:
    return NONE if day is None else format_day(day)
