"""Asking the buyer of one invoice: the supplier drafts, approves the text, takes it back, submits again."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from infactor.core.tasks import ring_mails
from infactor.core.transitions import MoveRefused
from infactor.dashboard.rendering import show
from infactor.dashboard.verification.forms import LIVES, ApproveForm
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.models import Supplier
from infactor.verification import (
    email_texts,
    recipients,
    remittance_instructions,
    requests,
)
from infactor.verification.models import Verification

MOVED_ON = "This has changed in the meantime: look at it again."


@require_POST
@for_supplier
def verify_ask(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Draft the question, and lead on to its text."""
    invoice = _invoice(supplier, public_id)
    try:
        requests.draft(invoice=invoice, by=person(request), at=timezone.now())
    except requests.NotAskable as refusal:
        messages.error(request, str(refusal))
        return _back(invoice)
    return HttpResponseRedirect(reverse("dashboard:verify", args=[invoice.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def verify(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """The text before it goes: look at it, change it, approve it."""
    invoice = _invoice(supplier, public_id)
    drafted = requests.open_one(invoice=invoice)
    if drafted is None or drafted.status != Verification.Status.DRAFTED:
        return _back(invoice)
    initial = {"to": drafted.to, "subject": drafted.subject, "body": drafted.body, "life": requests.LIFE.days}
    form = ApproveForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        said = form.cleaned_data
        try:
            requests.approve_text(
                verification=drafted,
                by=person(request),
                subject=said["subject"],
                body=said["body"],
                to=said["to"],
                life=LIVES[said["life"]],
                at=timezone.now(),
            )
        except email_texts.TextRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        except recipients.AddressRefused as refusal:
            form.add_error("to", str(refusal))
        except requests.NotAskable as refusal:
            form.add_error(None, str(refusal))
        except MoveRefused:
            messages.error(request, MOVED_ON)
            return _back(invoice)
        else:
            transaction.on_commit(ring_mails)
            messages.success(request, f"Your buyer is asked by mail to {said['to']}.")
            return _back(invoice)
    context = {
        "invoice": invoice,
        "form": form,
        "pay_to": remittance_instructions.details(verification=drafted),
    }
    return show(request, "verification/approve.html", context, supplier=supplier)


@require_POST
@for_supplier
def verify_withdraw(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Take the open question back."""
    invoice = _invoice(supplier, public_id)
    asked = requests.open_one(invoice=invoice)
    if asked is None:
        messages.error(request, MOVED_ON)
        return _back(invoice)
    return _move(
        request,
        invoice,
        lambda: requests.withdraw(verification=asked, by=person(request), at=timezone.now()),
        "Your buyer is not asked any more.",
    )


@require_POST
@for_supplier
def resubmit(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Put an invoice that the buyer rejected up for confirmation again."""
    invoice = _invoice(supplier, public_id)
    return _move(
        request,
        invoice,
        lambda: requests.resubmit(invoice=invoice, by=person(request), at=timezone.now()),
        "The invoice is submitted again. Now ask your buyer to confirm it.",
    )


def _move(request: HttpRequest, invoice: Invoice, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except MoveRefused:
        messages.error(request, MOVED_ON)
    else:
        messages.success(request, done)
    return _back(invoice)


def _invoice(supplier: Supplier, public_id: UUID) -> Invoice:
    try:
        return selectors.one(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing


def _back(invoice: Invoice) -> HttpResponse:
    return HttpResponseRedirect(reverse("dashboard:invoice", args=[invoice.public_id]))
