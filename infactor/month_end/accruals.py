"""Accruals: the fee that each advance has earned by a month's last day, posted then and reversed the next day.

What counts is the terms for the days up to the month's end: the fee for days, and the late fee for the days past due,
each in its own account of income. What was charged by then is income already, and a fee of what was written off is not
counted on. A run posts the difference to what earlier runs of the month have
accrued, so running it again changes nothing, and a payment that is booked late is accounted for by running it again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, Sum
from django.db.transaction import atomic

from infactor.core import audit
from infactor.financing.accounting import fees
from infactor.financing.models import OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing.late_fee import Change
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

# Fee income by advance that counts by a day, in all and of it late fees, and whether a fee of that time counts later,
# as its month was closed.
CHARGED = """
SELECT split_part(t.reference, ':', 2)::bigint AS advance,
    coalesce(sum(e.credit - e.debit) FILTER (WHERE t.value_date <= %(day)s), 0),
    coalesce(sum(e.credit - e.debit) FILTER (WHERE t.value_date <= %(day)s AND a.purpose = 'late_fee_income'), 0),
    bool_or(t.value_date > %(day)s AND t.original_value_date <= %(day)s)
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
WHERE a.purpose IN ('fee_income', 'late_fee_income') AND t.reference LIKE 'advance:%%' GROUP BY 1
"""
AT_ONCE = 1000  # advances whose open balance day by day is read in one query


class Amounts(NamedTuple):
    """A fee in all, and what of it is a late fee."""

    total: Decimal = ZERO
    late: Decimal = ZERO

    def less(self, other: "Amounts") -> "Amounts":
        """This fee less another, each part by itself."""
        return Amounts(self.total - other.total, self.late - other.late)


NOTHING = Amounts()


@dataclass(frozen=True)
class AccruedFee:
    """The fee of one advance at a month's end, in its currency; `before` is what earlier runs of the month accrued."""

    advance: Advance
    days: int
    formula: str
    earned: Amounts
    charged: Amounts
    before: Amounts

    @property
    def to_accrue(self) -> Amounts:
        """What is accrued in all."""
        return self.earned.less(self.charged)

    @property
    def amount(self) -> Amounts:
        """What is still to be posted, below zero where too much was."""
        return self.to_accrue.less(self.before)


def fees_at_end_of(*, month: date) -> list[AccruedFee]:
    """Every advance with a fee to accrue at the end of `month`, or with one accrued by mistake. A few queries."""
    day = periods.last_day(month)
    charged, moved = _charged(day)
    sums = FeeAccrual.objects.filter(run__month=month).order_by().values_list("advance")
    before = {key: Amounts(*both) for key, *both in sums.annotate(Sum("amount"), Sum("late_amount"))}
    counts = Q(status__in=OUTSTANDING_STATUSES) | Q(status__in=[S.SETTLED, S.REPURCHASED], ended_on__gt=day)
    counts |= Q(status__in=[S.SETTLED, S.REPURCHASED], pk__in=moved)
    rows = Advance.objects.filter(counts, funded_on__lte=day) | Advance.objects.filter(pk__in=before)
    rows = rows.select_related("terms", "invoice", "supplier").order_by("supplier_id", "currency", "pk")
    found = (
        _fee(one, day=day, changes=changes, charged=charged.get(one.pk, NOTHING), before=before.get(one.pk, NOTHING))
        for one, changes in _with_changes(list(rows), day=day)
    )
    return [one for one in found if any(one.to_accrue) or any(one.before)]


def to_post(*, month: date) -> list[AccruedFee]:
    """The fees of which something is still to be posted; empty where the accrual of `month` is up to date."""
    return [one for one in fees_at_end_of(month=month) if any(one.amount)]


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
        accrued = to_post(month=month)
        if not accrued:
            raise PeriodError(f"The fees of {month:%B %Y} are accrued already. Nothing has changed since.")
        number = AccrualRun.objects.filter(month=month).count() + 1
        run: AccrualRun = AccrualRun.objects.create(month=month, number=number, accrued_by=by, accrued_at=at)
        FeeAccrual.objects.bulk_create(
            FeeAccrual(
                run=run,
                advance=one.advance,
                days=one.days,
                formula=one.formula[:200],
                earned=one.earned.total,
                charged=one.charged.total,
                amount=one.amount.total,
                late_earned=one.earned.late,
                late_charged=one.charged.late,
                late_amount=one.amount.late,
            )
            for one in accrued
        )
        _post(run, accrued, by=by, at=at)
        audit.record(
            event="month_end.fees_accrued",
            subject=run,
            by=by,
            at=at,
            details={"month": f"{month:%Y-%m}", "advances": len(accrued)},
        )
        return run


def _charged(day: date) -> tuple[dict[int, Amounts], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(CHARGED, {"day": day})
        rows = cursor.fetchall()
    charged = {advance: Amounts(total, late) for advance, total, late, _ in rows}
    return charged, [advance for advance, _, _, is_moved in rows if is_moved]


def _with_changes(advances: Sequence[Advance], *, day: date) -> Iterator[tuple[Advance, Sequence[Change]]]:
    """Each of `advances` with the changes of its open balance, which are read where it is past due on `day`."""
    for first in range(0, len(advances), AT_ONCE):
        batch = advances[first : first + AT_ONCE]
        late = [one for one in batch if one.late_from is not None and one.late_from <= day]
        changes = fees.open_balance_changes(advances=late)
        for one in batch:
            yield one, changes.get(one.pk, ())


def _fee(advance: Advance, *, day: date, changes: Sequence[Change], charged: Amounts, before: Amounts) -> AccruedFee:
    is_ended = advance.status in ENDED_WITHOUT_FEE
    if is_ended or advance.funded_on is None or advance.funded_on > day:
        return AccruedFee(advance, 0, "Written off, or not bought after all: not counted on.", charged, charged, before)
    ends = [one for one in (day, advance.collected_on, advance.ended_on) if one is not None]
    fee = fees.fee_until(advance=advance, until=min(ends), changes=changes)
    return AccruedFee(advance, fee.days, fee.formula, Amounts(fee.amount, fee.late.amount), charged, before)


def _post(run: AccrualRun, accrued: Sequence[AccruedFee], *, by: User, at: datetime) -> None:
    """Post the fees of each supplier and currency on the month's last day, and their reversal on the next."""
    day = periods.last_day(run.month)
    for (supplier_id, currency), group in groupby(
        accrued, key=lambda one: (one.advance.supplier_id, one.advance.currency)
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


def _lines(accrued: Sequence[AccruedFee]) -> list[posting.Line]:
    """What is accrued for each advance, and the income of both kinds; a line of zero is left out by the ledger."""
    lines = [
        posting.debit(Purpose.ACCRUED_FEES, one.amount.total, owner=one.advance.ledger_owner)
        if one.amount.total > 0
        else posting.credit(Purpose.ACCRUED_FEES, -one.amount.total, owner=one.advance.ledger_owner)
        for one in accrued
    ]
    late = sum((one.amount.late for one in accrued), ZERO)
    total = sum((one.amount.total for one in accrued), ZERO)
    for purpose, income in ((Purpose.FEE_INCOME, total - late), (Purpose.LATE_FEE_INCOME, late)):
        side = posting.credit if income > 0 else posting.debit
        lines.append(side(purpose, abs(income)))
    return lines
