"""The PDF of an invoice as the supplier's accounting system prints it. The app that reads those books registers itself.

It is kept as a document of the invoice when the buyer is asked about it, so the buyer sees what it was asked about.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from infactor.core.plain_text import to_plain_text
from infactor.documents.inspection import RefusedFile
from infactor.documents.models import Document, Kind
from infactor.documents.storage import CannotKeep, File
from infactor.invoices import invoice_documents
from infactor.invoices.models import Invoice
from infactor.users.models import User

NOTE = "As the accounting system prints it"


class NoPdf(Exception):
    """There is no PDF now. The message says why, for anybody."""


class Fetch(Protocol):
    """The PDF of an invoice. Raises NoPdf."""

    def __call__(self, *, invoice: Invoice, now: Callable[[], datetime]) -> bytes: ...


_registered: list[Fetch] = []


def register(fetch: Fetch) -> None:
    """Fetch the PDF of every invoice of imported books by `fetch`. The last one counts."""
    _registered[:] = [fetch]


def is_printed(invoice: Invoice) -> bool:
    """Whether the invoice has a PDF elsewhere: not one by hand."""
    return bool(_registered and invoice.qbk_invoice_id) and not invoice.company_file.is_by_hand


def name_of(invoice: Invoice) -> str:
    """The name of its file: invoice-1001.pdf."""
    number = "".join(one for one in to_plain_text(invoice.invoice_no, multiline=False) if one.isalnum() or one in "-_")
    return f"invoice-{number}.pdf" if number else "invoice.pdf"


def fetch(*, invoice: Invoice, now: Callable[[], datetime]) -> bytes:
    """The PDF. Raises NoPdf."""
    return _registered[0](invoice=invoice, now=now)


def keep(*, invoice: Invoice, by: User, now: Callable[[], datetime]) -> Document | None:
    """Fetch the PDF and keep it as a document that the buyer sees; None where the invoice has none.

    What was kept before is replaced by it, as the next version. Raises NoPdf, and roles.NotAllowed for a stranger.
    """
    if not is_printed(invoice):
        return None
    content = fetch(invoice=invoice, now=now)
    before = invoice_documents.of_supplier(invoice).filter(kind=Kind.INVOICE, note=NOTE).first()
    try:
        return invoice_documents.upload(
            invoice=invoice,
            kind=Kind.INVOICE,
            file=File(name_of(invoice), content),
            by=by,
            at=now(),
            note=NOTE,
            replaces=before.public_id if before is not None else None,
        )
    except (CannotKeep, RefusedFile) as refusal:
        raise NoPdf(str(refusal)) from refusal
