"""Accruals: the fee that each advance has earned by a month's last day, posted then and reversed the next day.

What counts is the terms (pricing.price) for the days up to the month's end. What was charged by then is income already,
and a fee of what was written off is not counted on. A run posts the difference to what earlier runs of the month have
accrued, so running it again changes nothing, and a payment that is booked late is accounted for by running it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import connection
from django.db.models import Q, Sum
from django.db.transaction import atomic

from infactor.core import audit
from infactor.financing.models import OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing import price
from infactor.ledger import periods, posting
from infactor.ledger.models import ZERO, Purpose
from infactor.ledger.periods import PeriodError
from infactor.month_end.models import AccrualRun, FeeAccrual
from infactor.users import roles
from infactor.users.models import User

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('infactor.month_end.accruals', 0))"
LINES = 900  # of a posting, which the ledger limits to 1000
S = Advance.Status
ENDED_WITHOUT_FEE = (S.WRITTEN_OFF, S.CANCELLED)

# Fee income by advance that counts by a day, and whether a fee of that time counts later, as its month was closed.
CHARGED = """
SELECT split_part(t.reference, ':', 2)::bigint AS advance,
    coalesce(sum(e.credit - e.debit) FILTER (WHERE t.value_date <= %(day)s), 0),
    bool_or(t.value_date > %(day)s AND t.original_value_date <= %(day)s)
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
WHERE a.purpose = 'fee_income' AND t.reference LIKE 'advance:%%' GROUP BY 1
"""


@dataclass(frozen=True)
class AccruedFee:
    """The fee of one advance at a month's end, in its currency; `accrued_before` is by earlier runs of the month."""

    advance: Advance
    days: int
    formula: str
    earned: Decimal
    charged: Decimal
    accrued_before: Decimal

    @property
    def to_accrue(self) -> Decimal:
        """What is accrued in all."""
        return self.earned - self.charged

    @property
    def amount(self) -> Decimal:
        """What is still to be posted, below zero where too much was."""
        return self.to_accrue - self.accrued_before


def fees_at_end_of(*, month: date) -> list[AccruedFee]:
    """Every advance with a fee to accrue at the end of `month`, or with one accrued by mistake. A few queries."""
    day = periods.last_day(month)
    charged, moved = _charged(day)
    before: dict[int, Decimal] = dict(
        FeeAccrual.objects.filter(run__month=month).order_by().values_list("advance").annotate(Sum("amount"))
    )
    counts = Q(status__in=OUTSTANDING_STATUSES) | Q(status__in=[S.SETTLED, S.REPURCHASED], ended_on__gt=day)
    counts |= Q(status__in=[S.SETTLED, S.REPURCHASED], pk__in=moved)
    rows = Advance.objects.filter(counts, funded_on__lte=day) | Advance.objects.filter(pk__in=before)
    rows = rows.select_related("terms", "invoice", "supplier").order_by("supplier_id", "currency", "pk")
    found = (_fee(one, day=day, charged=charged.get(one.pk, ZERO), before=before.get(one.pk, ZERO)) for one in rows)
    return [one for one in found if one.to_accrue or one.accrued_before]


def to_post(*, month: date) -> list[AccruedFee]:
    """The fees of which something is still to be posted; empty where the accrual of `month` is up to date."""
    return [one for one in fees_at_end_of(month=month) if one.amount]


def accrue(*, month: date, by: User, at: datetime) -> AccrualRun:
    """Accrue the fees of `month`, which is the next one to be closed, and reverse them on the day after its end.

    Raises NotAllowed, and PeriodError where the month is not at hand or nothing is left to accrue.
    """
    roles.require(by, periods.PERMISSION)
    with atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
        if month != periods.month_to_close(at=at):
            raise PeriodError("Fees are accrued for the next month to close, once it is over.")
        fees = to_post(month=month)
        if not fees:
            raise PeriodError(f"The fees of {month:%B %Y} are accrued already. Nothing has changed since.")
        number = AccrualRun.objects.filter(month=month).count() + 1
        run: AccrualRun = AccrualRun.objects.create(month=month, number=number, accrued_by=by, accrued_at=at)
        FeeAccrual.objects.bulk_create(
            FeeAccrual(
                run=run,
                advance=one.advance,
                days=one.days,
                formula=one.formula[:200],
                earned=one.earned,
                charged=one.charged,
                amount=one.amount,
            )
            for one in fees
        )
        _post(run, fees, by=by, at=at)
        audit.record(
            event="month_end.fees_accrued",
            subject=run,
            by=by,
            at=at,
            details={"month": f"{month:%Y-%m}", "advances": len(fees)},
        )
        return run


def _charged(day: date) -> tuple[dict[int, Decimal], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(CHARGED, {"day": day})
        rows = cursor.fetchall()
    return {advance: amount for advance, amount, _ in rows}, [advance for advance, _, is_moved in rows if is_moved]


def _fee(advance: Advance, *, day: date, charged: Decimal, before: Decimal) -> AccruedFee:
    ends = [one for one in (day, advance.collected_on, advance.ended_on) if one is not None]
    is_ended = advance.status in ENDED_WITHOUT_FEE
    if is_ended or advance.funded_on is None or advance.funded_on > day:
        return AccruedFee(advance, 0, "Written off, or not bought after all: not counted on.", charged, charged, before)
    days = price.days_between(funded_on=advance.funded_on, collected_on=min(ends))
    fee = price.fee(fee_base=advance.fee_base, days=days, terms=advance.terms.record())
    return AccruedFee(advance, days, fee.formula, fee.amount, charged, before)


def _post(run: AccrualRun, fees: Sequence[AccruedFee], *, by: User, at: datetime) -> None:
    """Post the fees of each supplier and currency on the month's last day, and their reversal on the next."""
    day = periods.last_day(run.month)
    for (supplier_id, currency), group in groupby(
        fees, key=lambda one: (one.advance.supplier_id, one.advance.currency)
    ):
        own = list(group)
        for first in range(0, len(own), LINES):
            posted = posting.post(
                reference=f"accrual:{run.month:%Y-%m}:{run.number}:{supplier_id}:{currency}:{first // LINES + 1}",
                currency=currency,
                lines=_lines(own[first : first + LINES]),
                value_date=day,
                at=at,
                by=by,
                description=f"Fees accrued to {day:%b} {day.day}, {day.year}",
                supplier_id=supplier_id,
                may_move=False,
            )
            posting.reverse(
                transaction=posted,
                value_date=periods.next_month(run.month),
                at=at,
                by=by,
                description=f"Accrual of {run.month:%B %Y} reversed",
            )


def _lines(fees: Iterable[AccruedFee]) -> list[posting.Line]:
    lines = [
        posting.debit(Purpose.ACCRUED_FEES, one.amount, owner=one.advance.ledger_owner)
        if one.amount > 0
        else posting.credit(Purpose.ACCRUED_FEES, -one.amount, owner=one.advance.ledger_owner)
        for one in fees
    ]
    total = sum((line.debit - line.credit for line in lines), ZERO)
    side = posting.credit if total > 0 else posting.debit
    return [*lines, side(Purpose.FEE_INCOME, abs(total))]
