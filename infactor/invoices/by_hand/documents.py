"""Deletes a document that a supplier gave for an invoice, unless somebody has relied on it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.documents import storage
from infactor.documents.models import Document
from infactor.documents.storage import CannotKeep
from infactor.invoices import invoice_documents
from infactor.invoices.by_hand import holds
from infactor.invoices.ingest import revisions
from infactor.invoices.models import CompanyFile, Invoice
from infactor.suppliers import access
from infactor.users.models import User

REASON = "Deleted by its supplier."


def why_kept(invoice: Invoice) -> str:
    """Why the documents of `invoice` stay for the record; "" where they can be deleted."""
    why = holds.reason(invoice)
    return _("Kept for the record. %(reason)s You can replace it.") % {"reason": why} if why else ""


def delete(*, invoice: Invoice, document: Document, by: User, at: datetime) -> None:
    """Drop the bytes of `document` and of the versions before it. Who deleted what stays known.

    Raises CannotKeep where somebody was asked about the invoice, or where it was replaced or deleted meanwhile, and
    roles.NotAllowed for who may not change anything.
    """
    user = access.require_member(by=by, supplier=invoice.supplier)
    with transaction.atomic():
        CompanyFile.objects.select_for_update(no_key=True).get(pk=invoice.company_file_id)
        if why := why_kept(invoice):
            raise CannotKeep(why)
        version = invoice_documents.of_supplier(invoice).filter(pk=document.pk).first()
        if version is None:
            raise CannotKeep(_("This version was replaced or deleted already. Reload the page, then try again."))
        while version is not None:
            if version.deleted_at is None:
                storage.drop(document=version, reason=REASON, by=user, at=at)
            version = version.replaces
        revisions.increment(company_file_ids=[invoice.company_file_id])
