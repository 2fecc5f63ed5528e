"""Asking buyers about many invoices at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infactor.core.form_fields import UUIDListField
from infactor.core.rate_limits import limited
from infactor.core.tasks import enqueue_send_emails
from infactor.dashboard import eligibility_labels
from infactor.dashboard.rendering import render_for_supplier
from infactor.invoices import source_pdf
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from infactor.verification import bulk_requests
from infactor.verification.tasks import enqueue_keep_pdfs


class AskForm(forms.Form):
    """The invoices whose buyers are asked; `send` once the supplier has seen who gets what."""

    invoice = UUIDListField(required=False)
    send = forms.BooleanField(required=False)

    def clean_invoice(self) -> list[UUID]:
        found = list(self.cleaned_data["invoice"])
        if not found:
            raise forms.ValidationError(_("Select at least one invoice."))
        if len(set(found)) > bulk_requests.MAX_INVOICES:
            raise forms.ValidationError(_("Select at most %(max)s invoices.") % {"max": bulk_requests.MAX_INVOICES})
        return found


@require_POST
@limited(action="price", what="have changed invoices")
@for_supplier
def ask_buyers(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show who would be asked about what; with `send`, ask, and show who was asked and what could not be."""
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return HttpResponseRedirect(reverse("dashboard:invoices"))
    invoices = _selected(supplier, form.cleaned_data["invoice"])
    if form.cleaned_data["send"]:
        done = bulk_requests.send(supplier=supplier, invoices=invoices, by=signed_in_user(request), at=timezone.now())
        transaction.on_commit(enqueue_send_emails)
        transaction.on_commit(enqueue_keep_pdfs)
        return _show(request, supplier, done, is_sent=True)
    kept = [one for one in invoices if _may_need_buyer(one)]
    planned = bulk_requests.plan(supplier=supplier, invoices=kept, at=timezone.now())
    return _show(request, supplier, planned, is_sent=False, left_out=len(invoices) - len(kept))


def _may_need_buyer(invoice: Invoice) -> bool:
    """False where the buyer's confirmation is known not to be its next step."""
    return eligibility_labels.eligibility_of(invoice) is None or eligibility_labels.needs_buyer(invoice)


def _selected(supplier: Supplier, ids: Sequence[UUID]) -> list[Invoice]:
    rows = Invoice.objects.for_supplier(supplier).filter(public_id__in=set(ids))
    rows = rows.select_related("buyer__company_file", "company_file", "supplier", "eligibility")
    found = list(rows.order_by("company_name", "pk"))
    if len(found) < len(set(ids)):
        raise Http404
    return found


def _show(
    request: HttpRequest, supplier: Supplier, plan: bulk_requests.Plan, *, is_sent: bool, left_out: int = 0
) -> HttpResponse:
    context: dict[str, Any] = {
        "plan": plan,
        "is_sent": is_sent,
        "left_out": left_out,
        "max_days": bulk_requests.LIFETIME_DAYS,
        "is_printed": any(source_pdf.is_printed(one) for group in plan.groups for one in group.invoices),
    }
    return render_for_supplier(request, "verification/ask_many.html", context, supplier=supplier)
