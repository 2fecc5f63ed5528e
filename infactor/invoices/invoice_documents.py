"""Documents about an invoice: what its supplier uploads, what a by-hand invoice needs, and who may read them."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.documents.storage import CannotKeep, File
from infactor.invoices.ingest import revisions
from infactor.invoices.models import CompanyFile, Invoice
from infactor.suppliers import access
from infactor.suppliers.models import Supplier
from infactor.users.models import User

KINDS = (Kind.INVOICE, Kind.PURCHASE_ORDER, Kind.DELIVERY, Kind.OTHER)
FOR_BUYER = (Kind.INVOICE, Kind.PURCHASE_ORDER, Kind.DELIVERY)
PROOFS_OF_SALE = (Kind.PURCHASE_ORDER, Kind.DELIVERY)  # one of them is enough
MAX_DOCUMENTS = 30  # of one invoice; every version counts
FROM_BUYER = Q(uploaded_by=None) & ~Q(sent_by="")
_FROM_SUPPLIER = Q(uploaded_by__is_staff=False)
_DOWNLOADABLE = _FROM_SUPPLIER & Q(kind__in=KINDS) | FROM_BUYER
NO_DOCUMENTS, NO_INVOICE, NO_PROOF = "no_documents", "no_invoice", "no_proof"


def upload(
    *,
    invoice: Invoice,
    kind: str,
    file: File,
    by: User,
    at: datetime,
    replaces: UUID | None = None,
    note: str = "",
) -> Document:
    """A member of the supplier adds a document about its invoice, or the next version of one of them.

    The same file for the same kind again returns the first: it was sent twice. Raises documents' RefusedFile,
    storage.CannotKeep, and roles.NotAllowed for a stranger.
    """
    access.require_member(by=by, supplier=invoice.supplier)
    if kind not in KINDS:
        raise CannotKeep(_("Choose from the list what this document is."))
    with transaction.atomic():
        CompanyFile.objects.select_for_update(no_key=True).get(pk=invoice.company_file_id)
        given = of_supplier(invoice)
        digest = hashlib.sha256(file.data).hexdigest()
        if (same := given.filter(kind=kind, sha256=digest).first()) is not None:
            return same
        if storage.documents_of(invoice).count() >= MAX_DOCUMENTS:
            raise CannotKeep(_("This invoice has very many documents. Write to us before you add another one."))
        before = None
        if replaces is not None:
            before = given.filter(public_id=replaces, kind=kind).first()
            if before is None:
                raise CannotKeep(_("This version was replaced already. Reload the page, then try again."))
        added = storage.receive(subject=invoice, kind=kind, file=file, by=by, at=at, note=note, replaces=before)
        revisions.increment(company_file_ids=[invoice.company_file_id])
        return added


def of_supplier(invoice: Invoice) -> "QuerySet[Document]":
    """The newest version of each document that the supplier gave; what staff keep about its invoice is not among it."""
    return storage.newest(invoice, *KINDS).filter(_FROM_SUPPLIER)


def for_supplier(invoice: Invoice) -> "QuerySet[Document]":
    """The newest version of each document that the supplier may download: its own, and what its buyer sent.

    What staff keep about the invoice is not among it.
    """
    return storage.newest(invoice).filter(_DOWNLOADABLE)


def named(*, supplier: Supplier, text: str) -> "QuerySet[Document]":
    """The documents about its invoices that `supplier` may download, whose file is named like that, latest first."""
    about = Document.objects.filter(
        content_type=ContentType.objects.get_for_model(Invoice), supplier_id=supplier.pk, name__icontains=text
    )
    return about.filter(_DOWNLOADABLE, deleted_at=None, replaced_by=None)


def missing(*, invoice_ids: Collection[int]) -> dict[int, str]:
    """What these invoices still need before anybody can tell that they are real, by invoice. One query.

    The invoice itself, and a purchase order or a proof of delivery. Invoices that need nothing are left out.
    """
    if not invoice_ids:
        return {}
    rows = Document.objects.filter(
        content_type=ContentType.objects.get_for_model(Invoice),
        object_id__in=list(invoice_ids),
        deleted_at=None,
        kind__in=FOR_BUYER,
    ).order_by()
    given: dict[int, set[str]] = {}
    for pk, kind in rows.values_list("object_id", "kind"):
        given.setdefault(pk, set()).add(kind)
    found = {pk: _missing(given.get(pk, set())) for pk in invoice_ids}
    return {pk: reason for pk, reason in found.items() if reason}


def _missing(kinds: Collection[str]) -> str:
    has_invoice, has_proof = Kind.INVOICE in kinds, any(kind in kinds for kind in PROOFS_OF_SALE)
    if has_invoice and has_proof:
        return ""
    return NO_PROOF if has_invoice else NO_INVOICE if has_proof else NO_DOCUMENTS
