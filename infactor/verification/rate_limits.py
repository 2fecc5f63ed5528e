"""Limits on how often buyers are asked: about one invoice, and at one address."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

MAX_REQUESTS_PER_INVOICE, INVOICE_WINDOW = 3, timedelta(days=7)
# By one supplier to one address, about all of its invoices together: an email about ten of them counts ten times.
MAX_REQUESTS_PER_ADDRESS, ADDRESS_WINDOW = 60, timedelta(days=1)


class RateLimitExceeded(NotVerifiable):
    """The buyer has been asked often enough for now; the message says when to ask again."""


@dataclass(frozen=True)
class Limits:
    """How often buyers were asked lately: by the key of the invoice, and by the address in lower case."""

    by_invoice: Counter[int]
    by_address: Counter[str]

    def take(self, *, invoice: Invoice, to: str) -> str:
        """Count one more request about `invoice` to the address `to`. If it exceeds a limit, why; it is not counted."""
        if self.by_invoice[invoice.pk] >= MAX_REQUESTS_PER_INVOICE:
            return _(
                "Your buyer was asked about this invoice %(max_requests_per_invoice)s times within "
                "%(days)s days. Give them some time."
            ) % {"max_requests_per_invoice": MAX_REQUESTS_PER_INVOICE, "days": INVOICE_WINDOW.days}
        if self.by_address[to.casefold()] >= MAX_REQUESTS_PER_ADDRESS:
            return _(
                "%(to)s can be asked about %(max_requests_per_address)s invoices within a day. "
                "Ask about the others tomorrow."
            ) % {"to": to, "max_requests_per_address": MAX_REQUESTS_PER_ADDRESS}
        self.by_invoice[invoice.pk] += 1
        self.by_address[to.casefold()] += 1
        return ""


def limits_of(*, supplier: Supplier, invoices: Sequence[Invoice], at: datetime) -> Limits:
    """How often `supplier` asked each address, and anybody was asked about `invoices`. Two queries."""
    about = Verification.objects.filter(invoice__in=invoices, sent_at__gt=at - INVOICE_WINDOW)
    by_supplier = Verification.objects.filter(supplier=supplier, sent_at__gt=at - ADDRESS_WINDOW)
    by_address: Counter[str] = Counter()
    for to, count in by_supplier.order_by().values_list("to").annotate(Count("pk")):
        by_address[to.casefold()] += count
    return Limits(
        by_invoice=Counter(about.values_list("invoice_id", flat=True)),
        by_address=by_address,
    )


def require_within_limits(*, invoice: Invoice, to: str, at: datetime) -> None:
    """Raises RateLimitExceeded if another request about `invoice` to the address `to` would exceed a limit."""
    if reason := limits_of(supplier=invoice.supplier, invoices=[invoice], at=at).take(invoice=invoice, to=to):
        raise RateLimitExceeded(reason)
