"""Once a month is over where a supplier is, its people hear that the statement is ready. The file is made on demand.

A row for each supplier and month says that they were told: a second run, a late one and two at once tell nobody twice.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.financing import emails
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, MonthlyStatement
from infactor.ledger.models import Entry
from infactor.ledger.periods import last_day, month_of
from infactor.suppliers.models import Supplier


def announce_due(*, at: datetime) -> int:
    """Tell every supplier whose last month is over and whose statement it was not told of. Returns how many.

    Of a month in which nothing happened and nothing was outstanding there is nothing to tell. Months before the last
    one are listed on the page of the statement, and not told of any more.
    """
    notified = 0
    for name in Supplier.objects.order_by().values_list("time_zone", flat=True).distinct():
        month = month_of(month_of(at.astimezone(ZoneInfo(name)).date()) - timedelta(days=1))
        for supplier in _due(month).filter(time_zone=name):
            notified += _announce(supplier, month=month, at=at)
    return notified


def _due(month: date) -> "QuerySet[Supplier]":
    end = last_day(month)
    moved = Entry.objects.filter(account__supplier=OuterRef("pk"), transaction__value_date__range=(month, end))
    outstanding = Advance.objects.filter(supplier=OuterRef("pk"), status__in=OUTSTANDING_STATUSES, funded_on__lte=end)
    known = MonthlyStatement.objects.filter(supplier=OuterRef("pk"), month=month)
    return Supplier.objects.filter(Q(Exists(moved)) | Q(Exists(outstanding)), ~Exists(known)).order_by("pk")


def _announce(supplier: Supplier, *, month: date, at: datetime) -> bool:
    with transaction.atomic():
        _row, is_new = MonthlyStatement.objects.get_or_create(
            supplier=supplier, month=month, defaults={"announced_at": at}
        )
        if is_new:
            key = f"supplier:{supplier.pk}:{month:%Y-%m}"
            emails.enqueue(supplier.pk, "statement_ready", key, start=month, end=last_day(month))
        return is_new
