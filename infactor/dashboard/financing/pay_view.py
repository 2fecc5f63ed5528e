"""How a supplier pays what it owes: the account, the reference, and its word that it has sent the money."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from infactor.dashboard.financing.forms import SentPaymentForm
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.accounting import payoff, payoff_schedule, positions
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.collections import sent_payments
from infactor.financing.collections.sent_payments import SentPaymentError, Transfer
from infactor.financing.models import Advance, SentPayment
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier


@dataclass(frozen=True)
class Debt:
    """What is to be paid: `amount` today in `currency`, for `advance` or, without one, for all that is owed.

    `is_payoff`: it ends all financing early, and is not due.
    """

    currency: str
    amount: Decimal
    advance: Advance | None = None
    is_payoff: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def pay_advance(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Pay for an invoice that must be bought back."""
    rows = Advance.objects.filter(supplier=supplier, public_id=public_id)
    advance = rows.select_related("invoice", "supplier", "terms").first()
    if advance is None:
        raise Http404
    today = supplier_today(supplier=supplier, at=timezone.now())
    try:
        amount = payoff.quote_repurchase(advance=advance, on=today).payment
    except PayoffError as nothing:
        raise Http404 from nothing
    return _pay(request, supplier, Debt(advance.currency, amount, advance))


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def pay_debt(request: HttpRequest, supplier: Supplier, currency: str) -> HttpResponse:
    """Pay all that is due in a currency; with `?payoff`, or where nothing is due, all that is outstanding."""
    owed = {one.currency: one.due_from_supplier for one in positions.supplier_balances(supplier=supplier)}
    due = owed.get(currency, payoff_schedule.ZERO)
    if due > 0 and "payoff" not in request.GET:
        return _pay(request, supplier, Debt(currency, due))
    today = supplier_today(supplier=supplier, at=timezone.now())
    schedule = payoff_schedule.schedule(supplier=supplier, today=today)
    if currency not in schedule or schedule[currency][0].amount <= 0:
        raise Http404
    return _pay(request, supplier, Debt(currency, schedule[currency][0].amount, is_payoff=True))


def words(*, supplier: Supplier) -> Mapping[str, SentPayment]:
    """What the supplier says that it has sent for all that it owes, and has not arrived yet, by currency."""
    rows = SentPayment.objects.filter(supplier=supplier, advance__isnull=True, ended_at__isnull=True)
    return {one.currency: one for one in rows}


def _pay(request: HttpRequest, supplier: Supplier, debt: Debt) -> HttpResponse:
    now = timezone.now()
    pay_to = instructions_or_reference(public_id=supplier.public_id, currency=debt.currency)
    said = sent_payments.open_word(supplier=supplier, currency=debt.currency, advance=debt.advance)
    initial = {
        "amount": said.amount if said else debt.amount,
        "sent_on": said.sent_on if said else supplier_today(supplier=supplier, at=now),
        "reference": said.reference if said else pay_to["reference"],
    }
    form = SentPaymentForm(request.POST if request.method == "POST" else None, initial=initial, currency=debt.currency)
    if form.is_valid():
        data = form.cleaned_data
        transfer = Transfer(debt.currency, data["amount"], data["sent_on"], data["reference"])
        by = signed_in_user(request)
        try:
            sent_payments.say(supplier=supplier, advance=debt.advance, transfer=transfer, by=by, at=now)
        except SentPaymentError as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("Thank you. We record the payment as soon as it arrives."))
            return HttpResponseRedirect(_back(debt))
    context = {"debt": debt, "pay_to": pay_to, "said": said, "form": form, "back": _back(debt)}
    status = 400 if form.errors else 200
    return render_for_supplier(request, "dashboard/pay.html", context, supplier=supplier, status=status)


def _back(debt: Debt) -> str:
    if debt.is_payoff:
        return reverse("dashboard:leave")
    if debt.advance is None:
        return reverse("dashboard:financing")
    return reverse("dashboard:invoice", args=[debt.advance.invoice.public_id])
