"""Counts, ages and amounts of the work queues, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, DateTimeField, F, IntegerField, Model, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast

from infactor.banking.models import StatementLine
from infactor.financing.admin.payments.collections import with_unallocated
from infactor.financing.admin.payments.supplier_balances import SupplierBalance, supplier_balances
from infactor.financing.admin.queues.definitions import every_queue
from infactor.financing.models import CLOSED_STATUSES, Advance, Collection, Payout, RequestLine
from infactor.ledger.models import Purpose
from infactor.users.models import User


class CountOf(Subquery):
    """The number of rows of a query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


class OldestOf(Subquery):
    """The earliest `since` of a query."""

    template = "(SELECT min(since) FROM (%(subquery)s) AS counted)"
    output_field = DateTimeField()


def count(*, by: User, at: datetime) -> Mapping[str, Any]:
    """The count of each queue by its name, and the start of its longest wait by `<name>_since`; in one query."""
    expressions: dict[str, Any] = {}
    for queue in every_queue():
        if queue.rows is None:
            continue
        rows: QuerySet[Model] = queue.rows(by, at).order_by()
        since = rows.annotate(since=Cast(F(queue.since), DateTimeField())).values("since")
        expressions[queue.name] = CountOf(rows.annotate(one=Value(1)).values("one"))
        expressions[f"{queue.name}_since"] = OldestOf(since)
    row: Mapping[str, Any] = User.objects.filter(pk=by.pk).values(**expressions).get()
    return row


def balances() -> dict[str, list[SupplierBalance]]:
    """The balances of the two queues that are about accounts of suppliers; a query each."""
    return {
        "payable": supplier_balances(purpose=Purpose.PAYABLE_TO_SUPPLIER),
        "due": supplier_balances(purpose=Purpose.DUE_FROM_SUPPLIER),
    }


def sums(*, balances: Mapping[str, Sequence[SupplierBalance]]) -> dict[str, list[tuple[str, Decimal]]]:
    """The amounts that wait in the queues about money, as (currency, amount) pairs."""
    waiting = RequestLine.objects.filter(status=RequestLine.Status.WAITING).order_by("request__currency")
    rows = Advance.objects.filter(status__in=("accepted", *CLOSED_STATUSES)).order_by("currency")
    amounts: dict[str, list[tuple[str, Decimal]]] = {"accepted": [], "collected": []}
    queue = Case(When(status="accepted", then=Value("accepted")), default=Value("collected"))
    found = rows.annotate(queue=queue).values_list("queue", "currency").annotate(Sum("amount"))
    for name, currency, amount in found:
        amounts[name].append((currency, amount))
    amounts["requests"] = list(waiting.values_list("request__currency").annotate(Sum("base")))
    unallocated = with_unallocated(Collection.objects.all()).filter(unallocated__gt=0).order_by("currency")
    amounts["unmatched"] = list(unallocated.values_list("currency").annotate(Sum("unallocated")))
    open_lines = StatementLine.objects.filter(status__in=("waiting", "debit")).order_by("account__currency")
    amounts |= {"lines": [], "debits": []}
    for status, currency, amount in open_lines.values_list("status", "account__currency").annotate(Sum("amount")):
        amounts["lines" if status == StatementLine.Status.WAITING else "debits"].append((currency, amount))
    failed = Payout.objects.filter(status=Payout.Status.FAILED).order_by("currency")
    amounts["failed"] = list(failed.values_list("currency").annotate(Sum("amount")))
    for name, rows_of_queue in balances.items():
        totals: dict[str, Decimal] = {}
        for one in rows_of_queue:
            totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.amount
        amounts[name] = list(totals.items())
    return amounts
