"""Limits on how often buyers are asked: about one invoice, and at one address."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from infactor.invoices.models import Invoice
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

MAX_REQUESTS_PER_INVOICE, INVOICE_WINDOW = 3, timedelta(days=7)
# By one supplier to one address, about all of its invoices together.
MAX_REQUESTS_PER_ADDRESS, ADDRESS_WINDOW = 60, timedelta(days=1)


class RateLimitExceeded(NotVerifiable):
    """The buyer has been asked often enough for now; the message says when to ask again."""


def require_within_limits(*, invoice: Invoice, to: str, at: datetime) -> None:
    """Raises RateLimitExceeded if another request about `invoice` to the address `to` would exceed a limit."""
    about_invoice = Verification.objects.filter(invoice=invoice, sent_at__gt=at - INVOICE_WINDOW)
    if about_invoice.count() >= MAX_REQUESTS_PER_INVOICE:
        raise RateLimitExceeded(
            _(
                "Your buyer was asked about this invoice %(max_requests_per_invoice)s times within "
                "%(days)s days. Give them some time."
            )
            % {"max_requests_per_invoice": MAX_REQUESTS_PER_INVOICE, "days": INVOICE_WINDOW.days}
        )
    by_supplier = Verification.objects.filter(supplier=invoice.supplier, sent_at__gt=at - ADDRESS_WINDOW)
    if by_supplier.filter(to__iexact=to).count() >= MAX_REQUESTS_PER_ADDRESS:
        raise RateLimitExceeded(
            _("%(to)s was asked %(max_requests_per_address)s times within a day. Ask about the others tomorrow.")
            % {"to": to, "max_requests_per_address": MAX_REQUESTS_PER_ADDRESS}
        )
