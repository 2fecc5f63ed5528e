"""Limits on how often buyers are asked: about one invoice, and at one address."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

MAX_REQUESTS_PER_INVOICE, INVOICE_WINDOW = 3, timedelta(days=7)
# By one supplier to one address. What fills a mailbox is emails: one about many invoices counts once.
MAX_EMAILS_PER_ADDRESS, ADDRESS_WINDOW = 20, timedelta(days=1)


class RateLimitExceeded(NotVerifiable):
    """The buyer has been asked often enough for now; the message says when to ask again."""


@dataclass(frozen=True)
class Limits:
    """How often buyers were asked lately: by the key of the invoice, and by the address in lower case.

    `begun` are the addresses to which an email is being written, which further invoices do not count again.
    """

    by_invoice: Counter[int]
    by_address: Counter[str]
    begun: set[str] = field(default_factory=set)

    def take(self, *, invoice: Invoice, to: str) -> str:
        """Count one more request about `invoice` to the address `to`. If it exceeds a limit, why; it is not counted."""
        address = to.casefold()
        if self.by_invoice[invoice.pk] >= MAX_REQUESTS_PER_INVOICE:
            return _(
                "Your buyer was asked about this invoice %(max_requests_per_invoice)s times within "
                "%(days)s days. Give them some time."
            ) % {"max_requests_per_invoice": MAX_REQUESTS_PER_INVOICE, "days": INVOICE_WINDOW.days}
        if address not in self.begun and self.by_address[address] >= MAX_EMAILS_PER_ADDRESS:
            return _(
                "We have sent %(to)s %(max_emails)s emails for you within a day, and send no more. "
                "Ask tomorrow: one email can be about many invoices."
            ) % {"to": to, "max_emails": MAX_EMAILS_PER_ADDRESS}
        self.by_invoice[invoice.pk] += 1
        self.by_address[address] += address not in self.begun
        self.begun.add(address)
        return ""


def limits_of(*, supplier: Supplier, invoices: Sequence[Invoice], at: datetime) -> Limits:
    """How often `supplier` wrote to each address, and anybody was asked about `invoices`. Two queries."""
    about = Verification.objects.filter(invoice__in=invoices, sent_at__gt=at - INVOICE_WINDOW)
    by_supplier = Verification.objects.filter(supplier=supplier, sent_at__gt=at - ADDRESS_WINDOW)
    by_address: Counter[str] = Counter()
    # The invoices of one email have its first link in common.
    for to, emails in by_supplier.order_by().values_list("to").annotate(emails=Count(KT("links__0"), distinct=True)):
        by_address[to.casefold()] += emails
    return Limits(
        by_invoice=Counter(about.values_list("invoice_id", flat=True)),
        by_address=by_address,
    )


def require_within_limits(*, invoice: Invoice, to: str, at: datetime, is_in_begun_email: bool = False) -> None:
    """Raises RateLimitExceeded if another request about `invoice` to the address `to` would exceed a limit.

    `is_in_begun_email`: it goes with others in an email that was counted with the first of them.
    """
    limits = limits_of(supplier=invoice.supplier, invoices=[invoice], at=at)
    if is_in_begun_email:
        limits.begun.add(to.casefold())
    if reason := limits.take(invoice=invoice, to=to):
        raise RateLimitExceeded(reason)
