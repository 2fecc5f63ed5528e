"""The checklist before a month is closed: what must be in order, or explained by whoever closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from infactor.banking import matches, reconciliation
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.business_day import business_day
from infactor.core.money import format_amount
from infactor.ledger import periods
from infactor.ledger.models import ZERO, Entry, IntegrityCheck, Purpose
from infactor.month_end import accruals

NAMED = 20  # payouts that are named one by one


@dataclass(frozen=True)
class Item:
    """One point. `findings` is a sentence for each thing that is not in order; `code` names the point in forms.

    What only has to be known (`is_blocking` is false) needs no explanation.
    """

    code: str
    title: str
    findings: Sequence[str]
    is_blocking: bool = True

    @property
    def needs_explanation(self) -> bool:
        return self.is_blocking and bool(self.findings)


def checklist(*, month: date, at: datetime) -> list[Item]:
    """Every point for closing `month`, in the order in which they are worked through."""
    day = periods.last_day(month)
    return [
        Item("lines", "Every line of a statement of the month is in the books", _open_lines(day)),
        Item("bank", "Bank accounts agree with the books on the last day", _accounts(day)),
        Item("payouts", "Payouts that no statement confirms yet", _payouts(day), is_blocking=False),
        Item("accrual", "Fees are accrued to the last day", _accrual(month)),
        Item("check", "The ledger check of today found nothing", _check(at)),
    ]


def _open_lines(day: date) -> list[str]:
    rows = StatementLine.objects.filter(status__in=matches.OPEN, booking_date__lte=day)
    found = []
    for account in HouseAccount.objects.filter(pk__in=rows.order_by().values("account")).order_by("pk"):
        count = rows.filter(account=account).count()
        found.append(f"{account}: {count} line{' still waits' if count == 1 else 's still wait'}, up to {_day(day)}.")
    return found


def _accounts(day: date) -> list[str]:
    found = []
    for account in HouseAccount.objects.order_by("pk"):
        compared = reconciliation.reconcile(account=account, on=day)
        is_closed = account.closed_at is not None and business_day(account.closed_at) <= day
        if is_closed and not compared.items and not compared.book:
            continue  # the bank states nothing of it any more
        if compared.bank is None:
            found.append(f"{account}: no statement is imported.")
        elif not StatementLine.objects.filter(account=account, booking_date__gte=day).exists() and (
            compared.stated_on is None or compared.stated_on < day
        ):
            reached = "no day" if compared.stated_on is None else _day(compared.stated_on)
            found.append(f"{account}: the bank's last balance is of {reached}, not of {_day(day)}.")
        if compared.items:
            difference = format_amount(compared.difference, account.currency)
            items = f"{len(compared.items)} item{'' if len(compared.items) == 1 else 's'}"
            found.append(f"{account}: the books have {difference} more than the bank, by {items}.")
    return found


def _payouts(day: date) -> list[str]:
    """Money that had left by the books at the end of `day` and is on no statement of that time."""
    found = []
    for account in HouseAccount.objects.order_by("pk"):
        rows = matches.unconfirmed_entries(account=account, until=day).filter(moved__lt=0)
        for entry in rows.order_by("transaction__value_date", "pk"):
            posted = entry.transaction
            amount = format_amount(entry.credit, account.currency)
            found.append(f"{account}: {amount}, {posted.description or posted.reference}, {_day(posted.value_date)}.")
    transit = Entry.objects.filter(account__purpose=Purpose.PAYOUT_IN_TRANSIT, transaction__value_date__lte=day)
    sums = transit.order_by("account__owner").values("account__owner", "account__currency")
    for row in sums.annotate(sent=Sum("credit", default=ZERO) - Sum("debit", default=ZERO)).exclude(sent=0):
        amount = format_amount(abs(row["sent"]), row["account__currency"])
        owner = row["account__owner"].replace(":", " ").capitalize() or "infactor"
        found.append(f"{owner}: {amount} in transit.")
    more = len(found) - NAMED
    return [*found[:NAMED], f"And {more} more."] if more > 0 else found


def _accrual(month: date) -> list[str]:
    wrong = accruals.to_post(month=month)
    if not wrong:
        return []
    count = len(wrong)
    return [f"Of {count} advance{'' if count == 1 else 's'} the fee is not accrued, or has changed since."]


def _check(at: datetime) -> list[str]:
    last = IntegrityCheck.objects.first()
    if last is None or business_day(last.at) != business_day(at):
        return ["The ledger was not checked today."]
    return [] if last.ok else [f"The last check has {len(last.findings)} findings."]


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
