"""Asking a buyer to confirm an invoice: draft, approve, withdraw, resubmit."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from infactor.core.tasks import enqueue_send_emails
from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.rendering import render_for_supplier
from infactor.dashboard.verification.forms import LINK_LIFETIMES, VerificationEmailForm
from infactor.invoices import selectors, source_pdf
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from infactor.verification import email_texts, recipients, requests
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from infactor.verification.tasks import enqueue_keep_pdfs

CHANGED_MEANWHILE = gettext_lazy("This has changed in the meantime. Please review it again.")


@require_POST
@for_supplier
def verification_request(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Draft the email to the buyer and redirect to its review."""
    invoice = _get_invoice(supplier, public_id)
    try:
        requests.draft(invoice=invoice, by=signed_in_user(request), at=timezone.now())
    except NotVerifiable as error:
        messages.error(request, str(error))
        return _redirect_to_invoice(invoice)
    return HttpResponseRedirect(reverse("dashboard:verification_approve", args=[invoice.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def verification_approve(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Review, edit and approve the drafted email."""
    invoice = _get_invoice(supplier, public_id)
    draft = requests.open_verification(invoice=invoice)
    if draft is None or draft.status != Verification.Status.DRAFTED:
        return _redirect_to_invoice(invoice)
    initial = {
        "to": draft.to,
        "subject": draft.subject,
        "body": draft.body,
        "lifetime_days": requests.LINK_LIFETIME.days,
    }
    addresses = recipients.possible_recipients(invoice=invoice)
    form = VerificationEmailForm(
        request.POST if request.method == "POST" else None, initial=initial, addresses=addresses
    )
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            requests.approve_and_send(
                verification=draft,
                by=signed_in_user(request),
                subject=cleaned["subject"],
                body=cleaned["body"],
                to=cleaned["to"],
                lifetime=LINK_LIFETIMES[cleaned["lifetime_days"]],
                at=timezone.now(),
            )
        except email_texts.InvalidText as error:
            form.add_error(error.field, str(error))
        except recipients.InvalidRecipient as error:
            form.add_error("to", str(error))
        except NotVerifiable as error:
            form.add_error(None, str(error))
        except TransitionNotAllowed:
            messages.error(request, CHANGED_MEANWHILE)
            return _redirect_to_invoice(invoice)
        else:
            transaction.on_commit(enqueue_send_emails)
            messages.success(request, _("We have sent the email to %(to)s.") % {"to": cleaned["to"]})
            if source_pdf.is_printed(invoice):
                transaction.on_commit(enqueue_keep_pdfs)  # nobody waits for QuickBooks
            return _redirect_to_invoice(invoice)
    context = {"invoice": invoice, "form": form, "is_printed": source_pdf.is_printed(invoice)}
    return render_for_supplier(request, "verification/approve.html", context, supplier=supplier)


@require_POST
@for_supplier
def verification_withdraw(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Withdraw the open request to the buyer."""
    invoice = _get_invoice(supplier, public_id)
    verification = requests.open_verification(invoice=invoice)
    if verification is None:
        messages.error(request, CHANGED_MEANWHILE)
        return _redirect_to_invoice(invoice)
    return _perform(
        request,
        invoice,
        lambda: requests.withdraw(verification=verification, by=signed_in_user(request), at=timezone.now()),
        _("You have withdrawn the request to your buyer."),
    )


@require_POST
@for_supplier
def invoice_resubmit(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Submit an invoice that the buyer disputed again."""
    invoice = _get_invoice(supplier, public_id)
    return _perform(
        request,
        invoice,
        lambda: requests.resubmit(invoice=invoice, by=signed_in_user(request), at=timezone.now()),
        _("You have submitted the invoice again. Now ask your buyer to confirm it."),
    )


def _perform(request: HttpRequest, invoice: Invoice, action: Callable[[], object], message: str) -> HttpResponse:
    try:
        action()
    except TransitionNotAllowed:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        messages.success(request, message)
    return _redirect_to_invoice(invoice)


def _get_invoice(supplier: Supplier, public_id: UUID) -> Invoice:
    try:
        return selectors.get_invoice(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing


def _redirect_to_invoice(invoice: Invoice) -> HttpResponse:
    return HttpResponseRedirect(reverse("dashboard:invoice", args=[invoice.public_id]))
