"""The context of the scenario: its participants, the company and its books, and the current moment."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from infactor.financing.demo.books import DemoBooks
from infactor.financing.models import Advance, Offer, Payout, RequestLine
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User


class Participants(NamedTuple):
    """The people of the scenario: the company's owner, and staff of each role; `approver` is the second person."""

    owner: User
    underwriter: User
    operations: User
    approver: User


@dataclass
class ScenarioContext:
    """The scenario at the moment `at`. Days are counted back from `today`, the supplier's day."""

    participants: Participants
    supplier: Supplier
    books: DemoBooks
    today: date
    at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def move_to(self, *, day: int, hour: int, minute: int = 0) -> None:
        """Move on to this time of the supplier's day."""
        self.at = datetime.combine(self.day_of(day), time(hour, minute), tzinfo=self.supplier.zone)

    def day_of(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    @property
    def current_day(self) -> date:
        """The supplier's day at this moment."""
        return self.at.astimezone(self.supplier.zone).date()

    def invoices(self, numbers: tuple[str, ...]) -> list[Invoice]:
        found = (
            Invoice.objects.for_supplier(self.supplier)
            .filter(invoice_no__in=numbers)
            .select_related("supplier", "buyer")
        )
        return sorted(found, key=lambda invoice: numbers.index(invoice.invoice_no))

    def invoice(self, number: str) -> Invoice:
        return self.invoices((number,))[0]

    def buyer(self, reference: str) -> Buyer:
        buyer: Buyer = Buyer.objects.get(supplier=self.supplier, reference=reference)
        return buyer

    def request_line(self, number: str) -> RequestLine:
        waiting = RequestLine.objects.filter(supplier=self.supplier, status=RequestLine.Status.WAITING)
        return waiting.select_related("request", "supplier").get(invoice__invoice_no=number)

    def offer(self, number: str) -> Offer:
        offers = Offer.objects.filter(supplier=self.supplier, status=Offer.Status.PROPOSED)
        return offers.select_related("terms", "supplier").get(lines__invoice__invoice_no=number)

    def advance(self, number: str) -> Advance:
        advances = Advance.objects.filter(supplier=self.supplier).select_related("supplier", "terms", "invoice")
        return advances.get(invoice__invoice_no=number)

    def payout(self, number: str) -> Payout:
        """The last payout of the advance on this invoice."""
        return self.advance(number).payouts.select_related("supplier", "advance").latest("pk")
