"""The list of a supplier's disputes: what waits first. Those that are over are read by the page."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Least

from infactor.correspondence import disputes
from infactor.correspondence.disputes import ENDED, PAID, Dispute, Turn
from infactor.financing.models import Case
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.verification.models import ANSWERED, Verification

ORDER = (Turn.SUPPLIER, Turn.STAFF, Turn.BUYER, Turn.NOBODY)


class DisputeList:
    """Every dispute of `supplier`'s invoices: those that wait for it, those that wait for others, those that are over.

    Each the newest first. A sequence for a paginator.
    """

    def __init__(self, supplier: Supplier) -> None:
        rows = _with_state(supplier)
        found = disputes.of_invoices(list(rows.filter(_IS_OPEN).values_list("pk", flat=True)))
        newest = sorted(found, key=lambda one: one.began_at, reverse=True)
        self._open = sorted(newest, key=lambda one: ORDER.index(one.turn))
        self._over = rows.exclude(pk__in=[one.invoice.pk for one in found]).order_by("-began_at", "-pk")
        self._count = len(found) + self._over.count()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: slice, /) -> list[Dispute]:
        start, stop, _step = wanted.indices(self._count)
        before = len(self._open)
        keys = self._over.values_list("pk", flat=True)[max(start - before, 0) : max(stop - before, 0)]
        over = {one.invoice.pk: one for one in disputes.of_invoices(list(keys))}
        return [*self._open[start:stop], *(over[pk] for pk in keys if pk in over)]


def _with_state(supplier: Supplier) -> "QuerySet[Any]":
    """The disputed invoices with what says whether their dispute is over, as `Dispute.turn`, and when it began."""
    asked = Verification.objects.filter(invoice=OuterRef("pk")).order_by("-answered_at", "-pk")
    denied = asked.filter(status=Verification.Status.DISPUTED)
    cases = Case.objects.filter(kind=Case.Kind.DISPUTE, advance__invoice=OuterRef("pk")).order_by("-opened_at", "-pk")
    rows = Invoice.objects.filter(supplier=supplier).filter(Exists(denied) | Exists(cases))
    return rows.annotate(
        denied_at=Subquery(denied.values("answered_at")[:1]),
        last_answer=Subquery(asked.filter(status__in=ANSWERED).values("status")[:1]),
        has_open_case=Exists(cases.filter(closed_at=None)),
        opened_at=Subquery(cases.values("opened_at")[:1]),
        closed_at=Subquery(cases.values("closed_at")[:1]),
    ).annotate(
        began_at=models.Case(
            When(Q(opened_at=None) | Q(denied_at__gt=models.F("closed_at")), then="denied_at"),
            When(Q(denied_at=None) | ~Q(last_answer=Verification.Status.DISPUTED), then="opened_at"),
            default=Least("denied_at", "opened_at"),
        )
    )


_IS_OPEN = Q(has_open_case=True) | (
    (Q(opened_at=None) | Q(denied_at__gt=models.F("closed_at")))
    & Q(last_answer=Verification.Status.DISPUTED)
    & ~Q(books_status__in=ENDED)
    & ~Q(state__in=PAID)
)
