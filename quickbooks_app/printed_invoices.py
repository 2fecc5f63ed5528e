"""An invoice as QuickBooks prints it: fetched when its supplier asks for it, and when a buyer is asked about it."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from infactor.invoices.models import Invoice
from infactor.invoices.source_pdf import NoPdf
from quickbooks_app import attachments
from quickbooks_app.attachments import NoFile

START = b"%PDF-"
NOT_A_PDF = _("QuickBooks sent something that is no PDF. Try again in a few minutes, or print it in QuickBooks.")


def fetch(*, invoice: Invoice, now: Callable[[], datetime]) -> bytes:
    """The PDF of `invoice`. Raises NoPdf, with a sentence for anybody."""
    try:
        content = attachments.in_session(
            company_file_id=invoice.company_file_id,
            read=lambda session: session.client.pdf(entity="Invoice", qbk_id=invoice.qbk_invoice_id),
            now=now,
        )
    except NoFile as problem:
        raise NoPdf(str(problem)) from problem
    if len(content) > attachments.MAX_BYTES:
        raise NoPdf(str(attachments.TOO_LARGE))
    if not content.startswith(START):
        raise NoPdf(str(NOT_A_PDF))
    return content
