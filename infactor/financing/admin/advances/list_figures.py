"""What the list of advances shows besides its columns: due days, balances of the ledger, and filters for the day."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.business_day import business_day
from infactor.core.money import MoneyField
from infactor.financing.accounting import references
from infactor.financing.models import NOT_ARRIVED, UNSENT, Advance, Case, CollectionAllocation, CollectionCost, Payout
from infactor.ledger.models import ZERO, Entry, Purpose

# Days late, from and to; None: without end.
LATE = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "91": (91, None)}
CASE_LABELS = {
    "any": gettext_lazy("In a case"),
    "dispute": gettext_lazy("In dispute"),
    "recourse": gettext_lazy("Recourse open"),
    "changed": gettext_lazy("Changed after funding"),
    "misdirected": gettext_lazy("Payment to the supplier"),
    "bankrupt": gettext_lazy("Buyer bankrupt"),
    "late": gettext_lazy("Past its recourse date"),
}


def with_list_figures(rows: QuerySet[Advance]) -> QuerySet[Any]:
    """Each advance with `due` (as bought, else as the books have it), `open_now`, `reserve_now` and `collected`.

    Open and reserve are balances of the ledger; collected is what buyers paid and nobody took back.
    """
    paid = CollectionAllocation.objects.filter(
        advance=OuterRef("pk"), kind=CollectionAllocation.Kind.ADVANCE, reversed_at__isnull=True
    ).order_by()
    return rows.annotate(
        due=Coalesce("purchase__due_on", "invoice__payable_date"),
        open_now=ledger_balance(Purpose.RECEIVABLE),
        reserve_now=ledger_balance(Purpose.RESERVE),
        collected=_sum(paid.values("advance").annotate(sum=Sum("amount"))),
    )


def with_page_figures(rows: QuerySet[Any], *, pk: str) -> QuerySet[Any]:
    """The advance `pk` with what its buttons depend on: its short payment, its cost in transit, its unsent payout."""
    costs = CollectionCost.objects.filter(advance=OuterRef("pk"), debited_on=None, cancelled_on=None)
    payouts = Payout.objects.filter(
        advance=OuterRef("pk"), purpose=Payout.Purpose.ADVANCE, status__in=(*UNSENT, *NOT_ARRIVED)
    )
    found: QuerySet[Any] = rows.annotate(
        has_short_payment=Exists(references.in_force(owner=f"advance:{pk}", step="short")),
        has_cost_in_transit=Exists(costs),
        has_unsent_payout=Exists(payouts),
    )
    return found


def ledger_balance(purpose: Purpose, *, advance: str = "pk") -> Coalesce:
    """The balance of `purpose` on its normal side, of the advance whose key is in the column `advance`."""
    owner = Concat(Value("advance:"), Cast(OuterRef(advance), CharField()))
    entries = Entry.objects.filter(account__purpose=purpose, account__owner=owner).order_by()
    side = F("debit") - F("credit") if purpose.is_debit_normal else F("credit") - F("debit")
    return _sum(entries.values("account__owner").annotate(sum=Sum(side)))


def _sum(found: "QuerySet[Any, Any]") -> Coalesce:
    return Coalesce(Subquery(found.values("sum")), ZERO, output_field=MoneyField())


def days_late(advance: Any, *, today: date) -> int:
    """Days past the due day while the buyer still owes it; 0 if it does not."""
    return max((today - advance.due).days, 0) if advance.due and advance.status == Advance.Status.FUNDED else 0


class LateFilter(admin.SimpleListFilter):
    """By how late the buyer is, in infactor's days."""

    title = gettext_lazy("due")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("week", _("Due within 7 days")),
            *((name, _("%(name)s days late") % {"name": name}) for name in LATE if LATE[name][1]),
            ("91", _("Over 90 days late")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        owed = queryset.filter(status=Advance.Status.FUNDED)
        today = business_day(timezone.now())
        if self.value() == "week":
            return owed.filter(due__gte=today, due__lte=today + timedelta(days=7))
        if self.value() not in LATE:
            return queryset
        least, most = LATE[str(self.value())]
        late = owed.filter(due__lte=today - timedelta(days=least))
        return late.filter(due__gte=today - timedelta(days=most)) if most else late


class CaseFilter(admin.SimpleListFilter):
    """By the kind of an open case."""

    title = gettext_lazy("open case")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in CASE_LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Advance]) -> QuerySet[Advance]:
        if self.value() == "late":
            return queryset.filter(status=Advance.Status.FUNDED, recourse_on__lte=business_day(timezone.now()))
        if self.value() not in CASE_LABELS:
            return queryset
        of_kind = Q() if self.value() == "any" else Q(kind=self.value())
        rows = Case.objects.filter(of_kind, closed_at__isnull=True)
        return queryset.filter(pk__in=rows.values("advance"))
