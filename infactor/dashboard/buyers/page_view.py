"""The page of one buyer: what it owes, how it pays, what is financed and whom it pays, limits, contacts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infactor.dashboard.buyers import contacts
from infactor.dashboard.home.views import aging_chart
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing import terms_in_force
from infactor.financing.eligibility import policy_in_force, utilization
from infactor.financing.models import OPEN_STATUSES, Advance, Notice
from infactor.financing.models.notice import VALID_STATUSES
from infactor.financing.value_dates import supplier_today
from infactor.invoices import customers, selectors
from infactor.invoices.customers import Customer
from infactor.invoices.models import Buyer
from infactor.invoices.status_label import StatusLabel
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

MAX_FINANCED = 20  # on the page; the list of invoices has all
PARTS_OF_ACCOUNT = ("holder", "bank", "account", "routing")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Financed:
    """A financed invoice of the buyer: what of it is still to be paid, and the notice that says to whom, if any."""

    advance: Advance
    open: Decimal
    notice: Notice | None

    @property
    def pays_infactor(self) -> bool:
        """Whether the buyer was told to pay infactor."""
        return self.notice is not None

    @property
    def reference(self) -> str:
        """What the buyer was told to write into the transfer."""
        return str(self.notice.facts["pay_to"]["reference"]) if self.notice is not None else ""

    @property
    def receipt(self) -> StatusLabel:
        """Whether the buyer acknowledged the notice."""
        if self.notice is None:
            return StatusLabel(_("No notice yet"), "neutral")
        if self.notice.acknowledged_at is not None:
            return StatusLabel(_("Notice acknowledged"), "good")
        return StatusLabel(_("Notice sent"), "info")


@dataclass(frozen=True)
class LimitInUse:
    """The supplier's own limit for this buyer in one currency, and what of it is financed, offered or requested."""

    currency: str
    limit: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.used, ZERO)


@require_safe
@for_supplier
def buyer(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """The page of one company; any other customer of it leads there. A constant number of queries."""
    try:
        customer = customers.customer_of(supplier=supplier, public_id=public_id)
    except Buyer.DoesNotExist as unknown:
        raise Http404 from unknown
    if customer.first.public_id != public_id:
        return HttpResponseRedirect(reverse("dashboard:buyer", args=[customer.first.public_id]))
    today = supplier_today(supplier=supplier, at=timezone.now())
    ids = customer.buyer_ids
    summaries = selectors.currency_summaries(supplier=supplier, today=today, buyer_ids=ids)
    open_now = [one for one in summaries if one.open.count]
    financed, financed_count = _financed(supplier, ids)
    context: dict[str, Any] = {
        "customer": customer,
        "title": customer.names[0],
        "sub_customers": len(ids) - len(customer.roots),
        "receivables": [{"summary": one, "chart": aging_chart(one)} for one in open_now],
        "unreadable": sum(one.unreadable for one in open_now),
        "paid_count": sum(one.paid.count for one in summaries),
        "punctuality": customers.punctuality(supplier=supplier, buyer_ids=ids),
        "financed": financed,
        "financed_more": financed_count - len(financed),
        "accounts_to_pay": _accounts_to_pay(supplier, ids) if financed else [],
        "limits": _limits(supplier, customer, currencies=[one.currency for one in open_now], today=today),
        "contacts": contacts.confirmed_contacts(supplier=supplier, buyer_ids=ids),
        "list_url": f"{reverse('dashboard:invoices')}?buyer={public_id}",
    }
    return render_for_supplier(request, "dashboard/buyer.html", context, supplier=supplier)


def _accounts_to_pay(supplier: Supplier, ids: Collection[int]) -> list[dict[str, str]]:
    """Each account that a notice in force names to this buyer, with its currency. One query.

    They are those of the notices, which never change: the account of today may be another one.
    """
    told = Notice.objects.filter(
        advance__supplier=supplier,
        advance__status__in=OPEN_STATUSES,
        advance__buyer__in=ids,
        status__in=VALID_STATUSES,
    )
    parts = {name: KeyTextTransform(name, KeyTransform("pay_to", "facts")) for name in PARTS_OF_ACCOUNT}
    rows: Iterable[dict[str, str]] = (
        told.order_by()
        .values(  # type: ignore[assignment]  # JSON texts
            currency=F("advance__currency"), **parts
        )
        .distinct()
    )
    return sorted(rows, key=lambda one: [one["currency"], *(one[name] or "" for name in PARTS_OF_ACCOUNT)])


def _financed(supplier: Supplier, ids: Collection[int]) -> tuple[list[Financed], int]:
    """The first financed invoices by due date, and how many there are. Four queries."""
    rows = Advance.objects.filter(supplier=supplier, status__in=OPEN_STATUSES, buyer__in=ids)
    count = rows.count()
    if not count:
        return [], 0
    shown = rows.select_related("invoice", "purchase").order_by("purchase__due_on", "pk")
    found = list(shown.defer("invoice__items", "invoice__tax_details", "invoice__search_text")[:MAX_FINANCED])
    balances = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[one.ledger_owner for one in found])
    told = Notice.objects.filter(advance__in=found, status__in=VALID_STATUSES)
    notices = {one.advance_id: one for one in told}
    return [
        Financed(
            advance=one,
            open=one.face if one.status == Advance.Status.ACCEPTED else balances.get(one.ledger_owner, ZERO),
            notice=notices.get(one.pk),
        )
        for one in found
    ], count


def _limits(supplier: Supplier, customer: Customer, *, currencies: Sequence[str], today: date) -> list[LimitInUse]:
    """The limit of the pair in each currency in which something is open or in use.

    What infactor finances for this buyer over all suppliers is nobody else's business, and not among them.
    """
    ids = customer.buyer_ids
    used: dict[str, Decimal] = {}
    for one in utilization.commitments_of_supplier(supplier=supplier, buyer_ids=ids):
        if one.buyer_id in ids:
            used[one.currency] = used.get(one.currency, ZERO) + one.outstanding
    debtors = [root.debtor_id for root in customer.roots if root.debtor_id is not None]
    _, of_pair, _ = policy_in_force.limits_of(supplier=supplier, debtor_ids=debtors)
    by_currency = {currency: amount for (_, currency), amount in of_pair.items()}
    terms = terms_in_force.terms_in_force(supplier=supplier, on=today)
    return [
        LimitInUse(currency, by_currency.get(currency, terms[currency].pair_limit), used.get(currency, ZERO))
        for currency in sorted({*currencies, *used})
        if currency in terms
    ]
