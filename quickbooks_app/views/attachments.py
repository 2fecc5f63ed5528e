"""Files of an invoice in QuickBooks: what the supplier attached to it there, and its PDF."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.documents.inspection import RefusedFile
from infactor.documents.storage import CannotKeep, File
from infactor.invoices import invoice_documents, source_pdf
from infactor.invoices.models import Attachment, Invoice
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app import attachments


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def download(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, attachment_id: int) -> HttpResponse:
    """The file to be saved, or a page that says why there is none."""
    invoice, found = _find(supplier, public_id, attachment_id)
    try:
        return attachments.respond(attachment=found, now=timezone.now)  # type: ignore[return-value]
    except attachments.NoFile as problem:
        return _no_file(request, supplier, invoice, what=str(found), problem=problem)


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def printed(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The invoice as QuickBooks prints it, to be saved, or a page that says why there is none. Nothing is stored."""
    invoice = _invoice(supplier, public_id)
    if not source_pdf.is_printed(invoice):
        raise Http404
    try:
        content = source_pdf.fetch(invoice=invoice, now=timezone.now)
    except source_pdf.NoPdf as problem:
        return _no_file(request, supplier, invoice, what=source_pdf.name_of(invoice), problem=problem)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, source_pdf.name_of(invoice)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@limited(action="upload", what="have changed invoices")
@for_supplier
def show_buyer(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, attachment_id: int) -> HttpResponse:
    """Keep a copy of the file as a document that the buyer sees, of the kind that the supplier chose."""
    invoice, found = _find(supplier, public_id, attachment_id)
    kind = request.POST.get("kind", "")
    address = reverse("dashboard:invoice", args=[invoice.public_id])
    if kind not in invoice_documents.FOR_BUYER:
        messages.error(request, _("Choose from the list what this document is."))
        return HttpResponseRedirect(address)
    try:
        with attachments.fetch(attachment=found, now=timezone.now) as content:
            file = File(found.file_name, content.read())
        invoice_documents.upload(invoice=invoice, kind=kind, file=file, by=signed_in_user(request), at=timezone.now())
    except (attachments.NoFile, CannotKeep, RefusedFile) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Your buyer sees a copy of this file when they confirm the invoice."))
    return HttpResponseRedirect(address)


def _invoice(supplier: Supplier, public_id: uuid.UUID) -> Invoice:
    rows = Invoice.objects.for_supplier(supplier).select_related("company_file", "supplier")
    invoice = rows.filter(public_id=public_id).first()
    if invoice is None:
        raise Http404
    return invoice


def _find(supplier: Supplier, public_id: uuid.UUID, attachment_id: int) -> tuple[Invoice, Attachment]:
    invoice = _invoice(supplier, public_id)
    found = attachments.find(invoice=invoice, attachment_id=attachment_id)
    if found is None:
        raise Http404
    return invoice, found


def _no_file(
    request: HttpRequest, supplier: Supplier, invoice: Invoice, *, what: str, problem: Exception
) -> HttpResponse:
    context = {"supplier": supplier, "invoice": invoice, "attachment": what, "problem": problem}
    return render(request, "quickbooks/no_file.html", context, status=503)
