"""Disputes: all of the company's, and one with what the buyer says, the money meanwhile, and the supplier's answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.rate_limits import limited
from infactor.core.tasks import enqueue_send_emails
from infactor.correspondence import disputes, writing
from infactor.correspondence.dispute_list import DisputeList
from infactor.correspondence.disputes import Dispute, Stance, Turn
from infactor.dashboard.disputes import words
from infactor.dashboard.messages.forms import DisputeForm
from infactor.dashboard.messages.views import REFUSALS
from infactor.dashboard.pagination import NumberedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

PAGE_SIZE = 25


@require_safe
@for_supplier
def dispute_list(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Every dispute, those that wait for the supplier first."""
    rows: Any = DisputeList(supplier)  # a page of it is all that is asked for
    page = NumberedPaginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [words.describe(one) for one in page.object_list]}
    return render_for_supplier(request, "dashboard/disputes.html", context, supplier=supplier)


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def dispute(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """The dispute of one invoice (GET); answer it (POST)."""
    try:
        invoice = selectors.get_invoice(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing
    found = disputes.of_invoice(invoice)
    if found is None:
        raise Http404
    is_sent = request.method == "POST"
    form = DisputeForm(request.POST, request.FILES) if is_sent else DisputeForm()
    if is_sent and form.is_valid():
        try:
            disputes.answer(invoice=invoice, **form.to_message(), by=signed_in_user(request), at=timezone.now())
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            transaction.on_commit(enqueue_send_emails)
            is_resubmitted = found.invoice.state == State.REJECTED and form.cleaned_data["stance"] == Stance.RESOLVED
            text = _("You have submitted the invoice again. Now ask your buyer to confirm it.")
            if not is_resubmitted:
                after = disputes.of_invoice(invoice)
                waits_for_us = after is not None and after.turn == Turn.STAFF
                text = _("Your answer is sent. We will write to you.") if waits_for_us else _("Your answer is sent.")
            messages.success(request, text)
            return HttpResponseRedirect(reverse("dashboard:dispute", args=[invoice.public_id]))
    files = writing.files_of(found.answers)
    context = {
        "form": form,
        "one": words.describe(found),
        "invoice": found.invoice,
        "answers": [(message, files.get(message.pk, [])) for message in found.answers],
    }
    status = 422 if form.errors else 200
    return render_for_supplier(request, "dashboard/dispute.html", context, supplier=supplier, status=status)


def dispute_context(invoice: Invoice) -> dict[str, Dispute | None]:
    """What the page of an invoice shows of its dispute, while that is open."""
    found = disputes.of_invoice(invoice)
    return {"dispute": found if found is not None and found.is_open else None}
