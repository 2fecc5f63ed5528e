"""Where a supplier's advances stand: what is open, what they cost so far, what comes if buyers pay when due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing.accounting.journal import supplier_owner
from infactor.financing.models import OPEN, OUT, Advance
from infactor.financing.pricing import price
from infactor.financing.pricing.price import Fee
from infactor.ledger.balances import balances_by_owner, on_normal_side
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Position:
    """One open advance, in its currency. `receivable` and `reserve` are the books', 0.00 before it is funded.

    `so_far` is the fee if the buyer paid today, or the one that holds since it has paid; `due` the fee if it pays on
    `expected_on`: its due date, or today where that is over. On `rises_on` the fee grows by `rise`; None: no more.
    """

    advance: Advance
    receivable: Decimal
    reserve: Decimal
    expected_on: date
    so_far: Fee | None = None
    due: Fee | None = None
    rises_on: date | None = None
    rise: Decimal = ZERO

    @property
    def collected(self) -> Decimal:
        """What of the face is not open any more."""
        return self.advance.face - self.receivable if self.advance.status in OUT else ZERO

    @property
    def rebate(self) -> Decimal:
        """What comes back if the buyer pays all of it on `expected_on`."""
        return max(self.reserve - self.due.amount, ZERO) if self.due is not None else ZERO


@dataclass(frozen=True)
class Outlook:
    """The open advances of one currency together: how many, what was paid out, what is held, what comes back."""

    currency: str
    count: int
    advanced: Decimal
    receivable: Decimal
    reserve: Decimal
    fee: Decimal
    rebate: Decimal


@dataclass(frozen=True)
class Account:
    """What a supplier owes infactor in one currency, and what infactor has to pass on to it."""

    currency: str
    owed: Decimal
    payable: Decimal


def positions(*, supplier: Supplier, today: date) -> list[Position]:
    """Every open advance of `supplier` on its day `today`, the one that is expected first in front. Few queries."""
    rows = Advance.objects.filter(supplier=supplier, status__in=OPEN)
    found = list(rows.select_related("invoice", "terms", "offer_line__offer").order_by("pk"))
    held = _balances(found)
    at_hand = [position(advance=one, receivable=held[one.pk][0], reserve=held[one.pk][1], today=today) for one in found]
    return sorted(at_hand, key=lambda one: (one.expected_on, one.advance.pk))


def position(*, advance: Advance, receivable: Decimal, reserve: Decimal, today: date) -> Position:
    """Where one advance stands, by what the books say of it."""
    expected_on = max(advance.invoice.payable_date or today, today)
    if advance.funded_on is None:
        return Position(advance, ZERO, ZERO, expected_on)
    if advance.collected_on is not None:
        fixed = _fee(advance, until=advance.collected_on)
        return Position(advance, receivable, reserve, advance.collected_on, fixed, fixed)
    rises_on = _next_period(advance, today=today)
    so_far = _fee(advance, until=today)
    return Position(
        advance,
        receivable,
        reserve,
        expected_on,
        so_far,
        _fee(advance, until=expected_on),
        rises_on,
        _fee(advance, until=rises_on).amount - so_far.amount,
    )


def accounts(*, supplier: Supplier) -> list[Account]:
    """What `supplier` owes, and what waits to be passed on to it, in each currency where there is any. One query."""
    owner = supplier_owner(supplier.pk)
    sums: dict[str, dict[str, Decimal]] = {}
    rows = Entry.objects.filter(account__owner=owner).order_by().values("account__currency", "account__purpose")
    for row in rows.annotate(debits=Sum("debit"), credits=Sum("credit")):
        purpose = Purpose(row["account__purpose"])
        held = on_normal_side(purpose=purpose, debits=row["debits"], credits=row["credits"])
        sums.setdefault(row["account__currency"], {})[purpose] = held
    found = [
        Account(code, held.get(Purpose.DUE_FROM_SUPPLIER, ZERO), held.get(Purpose.PAYABLE_TO_SUPPLIER, ZERO))
        for code, held in sorted(sums.items())
    ]
    return [one for one in found if one.owed or one.payable]


def outlooks(*, positions: Sequence[Position]) -> list[Outlook]:
    """The sums of `positions` that are funded, by currency."""
    out = [one for one in positions if one.advance.status in OUT]
    return [
        _outlook(currency, [one for one in out if one.advance.currency == currency])
        for currency in sorted({one.advance.currency for one in out})
    ]


def _outlook(currency: str, found: Collection[Position]) -> Outlook:
    return Outlook(
        currency=currency,
        count=len(found),
        advanced=sum((one.advance.amount for one in found), ZERO),
        receivable=sum((one.receivable for one in found), ZERO),
        reserve=sum((one.reserve for one in found), ZERO),
        fee=sum((one.so_far.amount for one in found if one.so_far is not None), ZERO),
        rebate=sum((one.rebate for one in found), ZERO),
    )


def _balances(found: Collection[Advance]) -> dict[int, tuple[Decimal, Decimal]]:
    owners = [one.owner for one in found if one.status in OUT]
    receivable = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=owners)
    reserve = balances_by_owner(purpose=Purpose.RESERVE, owners=owners)
    return {one.pk: (receivable.get(one.owner, ZERO), reserve.get(one.owner, ZERO)) for one in found}


def _fee(advance: Advance, *, until: date) -> Fee:
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded has no days.")
    days = price.days_between(funded_on=advance.funded_on, collected_on=until)
    return price.fee(face=advance.face, days=days, terms=advance.terms.record())


def _next_period(advance: Advance, *, today: date) -> date:
    """The first day after `today` on which another period has begun."""
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded has no days.")
    terms = advance.terms
    over = max((today - advance.funded_on).days - terms.first_fee_days, 0)
    begun = -(-over // terms.further_fee_days)
    return advance.funded_on + timedelta(days=terms.first_fee_days + begun * terms.further_fee_days + 1)
