"""Documents on a buyer's page: those of the invoice that it may see, and those that it sends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.documents.storage import CannotKeep, File
from infactor.verification.links import OpenedLink
from infactor.verification.models import Verification
from infactor.verification.requests import lock_invoice

# What a buyer may send, and what it sees of what supplier and staff have kept. "Other" may be internal.
SENT = (Kind.CREDIT_NOTE, Kind.DELIVERY, Kind.REMITTANCE, Kind.OTHER)
SHOWN = (Kind.INVOICE, Kind.DELIVERY, Kind.PURCHASE_ORDER)
MAX_PER_INVOICE = 10


def add(*, opened: OpenedLink, verification: Verification, kind: str, file: File, name: str, at: datetime) -> Document:
    """Keep a file that the buyer sends about the invoice of `verification`, a request that the link `opened` opens.

    Staff and the supplier see it. Raises inspection.RefusedFile, and CannotKeep once there are too many.
    """
    if kind not in SENT:
        raise CannotKeep(_("Choose from the list what this document is."))
    with transaction.atomic():
        invoice = lock_invoice(verification.invoice)
        if storage.documents_of(invoice).filter(uploaded_by=None).count() >= MAX_PER_INVOICE:
            raise CannotKeep(
                _("You have sent %(max_per_invoice)s documents about this invoice. Email us any further ones.")
                % {"max_per_invoice": MAX_PER_INVOICE}
            )
        sent_by = f"{name} <{opened.address}>" if name else opened.address
        return storage.receive(subject=invoice, kind=kind, file=file, by=None, sent_by=sent_by, at=at)


def visible(*, opened: OpenedLink, verification: Verification) -> QuerySet[Document]:
    """The documents of the invoice that the reader of the link may download: the newest of each."""
    own = Q(sent_by__iendswith=f"<{opened.address}>") | Q(sent_by__iexact=opened.address)
    return storage.newest(verification.invoice).filter(Q(kind__in=SHOWN, sent_by="") | own)


def find(*, opened: OpenedLink, verifications: QuerySet[Verification], public_id: UUID) -> Document | None:
    """The document `public_id`, if the reader of the link may download it."""
    found = Document.objects.filter(public_id=public_id, deleted_at=None).first()
    if found is None:
        return None
    for one in verifications.filter(invoice=found.object_id):
        if visible(opened=opened, verification=one).filter(pk=found.pk).exists():
            return found
    return None
