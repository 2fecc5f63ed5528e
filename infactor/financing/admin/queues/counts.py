"""Counts, ages and amounts of the work queues, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case as When_
from django.db.models import CharField, DateTimeField, F, IntegerField, Model, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast

from infactor.banking.models import StatementLine
from infactor.financing.admin.payments.collections import with_unallocated
from infactor.financing.admin.payments.supplier_balances import SupplierBalance, supplier_balances
from infactor.financing.admin.queues.definitions import every_queue
from infactor.financing.models import (
    CLOSED_STATUSES,
    MAX_REMINDERS,
    Advance,
    Approval,
    Case,
    Collection,
    Notice,
    Offer,
    OfferLine,
    Payout,
    RequestLine,
    SentPayment,
)
from infactor.ledger.models import Purpose
from infactor.users.models import User

PAYOUT_QUEUES = {
    "prepared": "to_approve",
    "approved": "to_send",
    "sent": "sent",
    "returned": "returned",
    "stopped": "returned",
}
CASE_QUEUES = {kind.value: "disputes" if kind is Case.Kind.DISPUTE else kind.value for kind in Case.Kind}


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
    """The balances of the two queues that are about accounts of suppliers, in one query."""
    payable, due = supplier_balances(Purpose.PAYABLE_TO_SUPPLIER, Purpose.DUE_FROM_SUPPLIER)
    return {"payable": payable, "due": due}


def sums(*, by: User, balances: Mapping[str, Sequence[SupplierBalance]]) -> dict[str, list[tuple[str, Decimal]]]:
    """The amounts that wait in the queues about money, as (currency, amount) pairs; in one query."""
    waiting = RequestLine.objects.filter(status=RequestLine.Status.WAITING)
    accepted = Advance.objects.filter(status=Advance.Status.ACCEPTED)
    collected = Advance.objects.filter(status__in=CLOSED_STATUSES)
    unallocated = with_unallocated(Collection.objects.all()).filter(unallocated__gt=0)
    lines = StatementLine.objects.filter(status=StatementLine.Status.WAITING)
    debits = StatementLine.objects.filter(status=StatementLine.Status.DEBIT)
    payouts = Payout.objects.filter(status__in=PAYOUT_QUEUES).exclude(status="prepared", prepared_by=by)
    offered = OfferLine.objects.filter(offer__status=Offer.Status.PROPOSED)
    open_cases = Case.objects.filter(closed_at__isnull=True)
    asked = Approval.objects.filter(decided_at__isnull=True).exclude(requested_by=by)
    unacknowledged = Notice.objects.filter(status=Notice.Status.SENT, reminders=MAX_REMINDERS)
    parts = [
        _by_currency(waiting, Value("requests"), "request__currency", "base"),
        _by_currency(accepted, Value("accepted"), "currency", "amount"),
        _by_currency(collected, Value("collected"), "currency", "amount"),
        _by_currency(unallocated, Value("unmatched"), "currency", "unallocated"),
        _by_currency(lines, Value("lines"), "account__currency", "amount"),
        _by_currency(debits, Value("debits"), "account__currency", "amount"),
        _by_currency(payouts, _queue_by("status", PAYOUT_QUEUES), "currency", "amount"),
        _by_currency(offered, Value("offers"), "offer__currency", "advance"),
        _by_currency(open_cases, _queue_by("kind", CASE_QUEUES), "advance__currency", "advance__amount"),
        _by_currency(asked, Value("approvals"), "currency", "amount"),
        _by_currency(SentPayment.objects.filter(ended_at=None), Value("sent_payments"), "currency", "amount"),
        _by_currency(unacknowledged, Value("notices"), "advance__currency", "advance__amount"),
    ]
    amounts: dict[str, list[tuple[str, Decimal]]] = {}
    for name, currency, amount in parts[0].union(*parts[1:], all=True).order_by("queue", "unit"):
        if currency and amount is not None:
            amounts.setdefault(name, []).append((currency, amount))
    for name, rows_of_queue in balances.items():
        totals: dict[str, Decimal] = {}
        for one in rows_of_queue:
            totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.amount
        amounts[name] = list(totals.items())
    return amounts


def _queue_by(column: str, names: Mapping[str, str]) -> Any:
    whens = (When(**{column: value}, then=Value(name)) for value, name in names.items())
    return When_(*whens, output_field=CharField())


def _by_currency(rows: Any, queue: Any, currency: str, amount: str) -> Any:
    named = rows.order_by().annotate(queue=queue, unit=F(currency)).values("queue", "unit")
    return named.annotate(total=Sum(amount)).values_list("queue", "unit", "total")
