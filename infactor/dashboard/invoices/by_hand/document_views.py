"""The documents of an invoice: add one, replace one, download one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core import audit
from infactor.core.rate_limits import limited
from infactor.dashboard.invoices.by_hand.lookup import get_own
from infactor.dashboard.rendering import render_for_supplier
from infactor.documents import attachment, inspection, storage
from infactor.documents.models import Document
from infactor.invoices import invoice_documents
from infactor.invoices.by_hand import documents as deletion
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

MISSING = {
    invoice_documents.NO_DOCUMENTS: gettext_lazy("Add the invoice itself, and a purchase order or proof of delivery."),
    invoice_documents.NO_INVOICE: gettext_lazy("Add the invoice itself."),
    invoice_documents.NO_PROOF: gettext_lazy("Add a purchase order or proof of delivery."),
}


class DocumentForm(forms.Form):
    """Asks what a document is, and for its file."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[("", gettext_lazy("Choose…")), *((kind.value, kind.label) for kind in invoice_documents.KINDS)],
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("{formats}. We keep it encrypted. Your buyer sees it when they confirm the invoice."),
            formats=inspection.FORMATS,
        ),
        error_messages={"empty": gettext_lazy("This file is empty. Choose another one.")},
    )
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)


def documents_context(invoice: Invoice) -> dict[str, Any]:
    """What `parts/_invoice_documents.html` needs: the documents of the invoice, and what is missing. Two queries."""
    found = list(invoice_documents.of_supplier(invoice))
    is_by_hand = invoice.company_file.is_by_hand
    missing = invoice_documents.missing(invoice_ids=[invoice.pk]) if is_by_hand else {}
    return {"documents": found, "documents_missing": MISSING.get(missing.get(invoice.pk, ""), "")}


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have uploaded files", when=lambda request: request.method == "POST")
@for_supplier
def invoice_documents_page(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Show what is there and what is missing (GET); keep a file (POST)."""
    invoice = get_own(supplier, public_id)
    wanted = _uuid(request.GET.get("replaces"))
    replaced = invoice_documents.of_supplier(invoice).filter(public_id=wanted).first() if wanted else None
    initial = {"kind": replaced.kind, "replaces": replaced.public_id} if replaced else {}
    form = DocumentForm(request.POST or None, request.FILES or None, initial=initial, label_suffix="")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            added = invoice_documents.upload(
                invoice=invoice,
                kind=data["kind"],
                file=storage.File.sent(data["file"]),
                by=signed_in_user(request),
                at=timezone.now(),
                replaces=data["replaces"],
            )
        except (inspection.RefusedFile, storage.CannotKeep) as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("%(name)s is added.") % {"name": added.name})
            return HttpResponseRedirect(reverse("dashboard:invoice_documents", args=[invoice.public_id]))
    context = {"form": form, "invoice": invoice, "replaced": replaced, **documents_context(invoice)}
    context["why_kept"] = deletion.why_kept(invoice)
    status = 422 if form.errors else 200
    return render_for_supplier(request, "dashboard/invoice_documents.html", context, supplier=supplier, status=status)


@require_safe
@for_supplier
def invoice_document(request: HttpRequest, supplier: Supplier, public_id: UUID, document_id: UUID) -> HttpResponse:
    """One document that the supplier gave or its buyer sent, to save."""
    invoice = get_own(supplier, public_id)
    try:
        document = invoice_documents.for_supplier(invoice).get(public_id=document_id)
    except Document.DoesNotExist as missing:
        raise Http404 from missing
    response = attachment.respond(storage.read(document=document), document=document)
    if request.method == "GET":
        by = signed_in_user(request)
        audit.record(event="document.read", subject=document, by=by, at=timezone.now(), supplier_id=supplier.pk)
    return response


@require_POST
@for_supplier
def invoice_document_delete(
    request: HttpRequest, supplier: Supplier, public_id: UUID, document_id: UUID
) -> HttpResponse:
    """Delete one document that nobody has relied on."""
    invoice = get_own(supplier, public_id)
    document = get_object_or_404(invoice_documents.of_supplier(invoice), public_id=document_id)
    try:
        deletion.delete(invoice=invoice, document=document, by=signed_in_user(request), at=timezone.now())
    except storage.CannotKeep as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is deleted.") % {"name": document.name})
    return HttpResponseRedirect(reverse("dashboard:invoice_documents", args=[invoice.public_id]))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
