"""A file that the supplier attached to one of its invoices in QuickBooks."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from quickbooks_app import attachments


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def download(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, attachment_id: int) -> HttpResponse:
    """The file to be saved, or a page that says why there is none."""
    invoice = Invoice.objects.for_supplier(supplier).filter(public_id=public_id).first()
    found = attachments.find(invoice=invoice, attachment_id=attachment_id) if invoice else None
    if invoice is None or found is None:
        raise Http404
    try:
        return attachments.respond(attachment=found, now=timezone.now)  # type: ignore[return-value]
    except attachments.NoFile as problem:
        context = {"supplier": supplier, "invoice": invoice, "attachment": found, "problem": problem}
        return render(request, "quickbooks/no_file.html", context, status=503)
