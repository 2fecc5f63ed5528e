"""The context of the scenario: its participants, the company and its books, and the current moment."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from infactor.core.business_day import business_day
from infactor.financing.demo.books import DemoBooks
from infactor.financing.demo.dates import DemoCalendar
from infactor.financing.demo.participants import Participants
from infactor.financing.models import Advance, Offer, Payout, RequestLine
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.models import Supplier


@dataclass
class ScenarioContext:
    """The scenario at the moment `at`. Days are counted back from the supplier's day on which it is played."""

    participants: Participants
    supplier: Supplier
    books: DemoBooks
    calendar: DemoCalendar
    at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def move_to(self, *, day: int, hour: int, minute: int = 0) -> None:
        """Move on to this time of the supplier's day."""
        self.at = self.calendar.moment(day, time(hour, minute))

    @property
    def value_date(self) -> date:
        """The day on which money moves at this moment, by infactor's own calendar."""
        return business_day(self.at)

    @property
    def supplier_day(self) -> date:
        """The supplier's day at this moment."""
        return self.at.astimezone(self.calendar.zone).date()

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
