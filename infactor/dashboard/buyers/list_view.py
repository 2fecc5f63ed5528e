"""The list of a supplier's buyers with search and pages, and what each owes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.models import OPEN_STATUSES, Advance
from infactor.financing.value_dates import supplier_today
from infactor.invoices import customers
from infactor.invoices.customers import Customer
from infactor.invoices.models import Invoice
from infactor.invoices.selectors import OUTSTANDING
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

PER_PAGE = 25
ZERO = Decimal(0)


class BuyerSearchForm(forms.Form):
    """The query of the list. Text that is too long shows an error and is ignored."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=200)


@dataclass(frozen=True)
class Owed:
    """What a buyer owes in one currency: `count` open invoices. Unreadable amounts are in no sum."""

    currency: str
    count: int
    open: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class Row:
    """One buyer of the list. `financed` is the number of its invoices that are financed now."""

    customer: Customer
    owed: tuple[Owed, ...]
    financed: int

    @property
    def count(self) -> int:
        return sum(one.count for one in self.owed)


@require_safe
@limited(action="search", what="have searched", when=lambda request: bool(request.GET.get("q")))
@for_supplier
def buyers(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The buyers by name. Merged customers are one row. A constant number of queries."""
    form = BuyerSearchForm(request.GET, label_suffix="")
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = customers.companies(supplier=supplier, text=text)
    total, number = found.count(), request.GET.get("page")
    pages = CountedPaginator(found, per_page=PER_PAGE, total=total)
    page = pages.get_page(number)
    context = {
        "form": form,
        "query": text,
        "total": total,
        "page": page,
        "page_href": f"{reverse('dashboard:buyers')}?{urlencode({'q': text})}&page=" if text else "?page=",
        "is_other_page": pages.is_beyond(number),
        "rows": _rows(supplier, list(page.object_list), today=supplier_today(supplier=supplier, at=timezone.now())),
    }
    return render_for_supplier(request, "dashboard/buyers.html", context, supplier=supplier)


def _rows(supplier: Supplier, found: Iterable[Any], *, today: date) -> list[Row]:
    whole = customers.whole(of=list(found))
    keys = {pk for one in whole.values() for pk in one.buyer_ids}
    owed, financed = _owed(supplier, keys, today=today), _financed(supplier, keys)
    return [
        Row(
            customer=one,
            owed=_added(owed[pk] for pk in one.buyer_ids if pk in owed),
            financed=sum(financed.get(pk, 0) for pk in one.buyer_ids),
        )
        for one in whole.values()
    ]


def _owed(supplier: Supplier, keys: Iterable[int], *, today: date) -> Mapping[int, list[Owed]]:
    rows = Invoice.objects.for_supplier(supplier).filter(OUTSTANDING, buyer__in=list(keys)).order_by()
    overdue = Sum("balance", filter=Q(payable_date__lt=today), default=ZERO)
    sums = rows.values_list("buyer_id", "currency").annotate(
        Count("pk"), total=Sum("balance", default=ZERO), late=overdue
    )
    found: dict[int, list[Owed]] = defaultdict(list)
    for buyer, *figures in sums:
        found[buyer].append(Owed(*figures))
    return found


def _financed(supplier: Supplier, keys: Iterable[int]) -> dict[int, int]:
    rows = Advance.objects.filter(supplier=supplier, status__in=OPEN_STATUSES, buyer__in=list(keys)).order_by()
    return dict(rows.values_list("buyer_id").annotate(number=Count("pk")))


def _added(parts: Iterable[Iterable[Owed]]) -> tuple[Owed, ...]:
    """The sums of each currency; two currencies are never added."""
    found: dict[str, Owed] = {}
    for one in (one for part in parts for one in part):
        before = found.get(one.currency, Owed(one.currency, 0, ZERO, ZERO))
        found[one.currency] = Owed(
            one.currency, before.count + one.count, before.open + one.open, before.overdue + one.overdue
        )
    return tuple(found[currency] for currency in sorted(found))
