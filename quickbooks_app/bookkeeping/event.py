"""An event of financing in the books of one company, and which rows of financing count for that company."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from infactor.financing.models import Advance
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings


class Event(NamedTuple):
    """One event. `amounts` are debits by account, credits negative. `reverses` is the source of the event undone."""

    source: str
    kind: str
    value_date: date
    currency: str
    amounts: dict[str, Decimal]
    advance: Advance | None = None
    reverses: str = ""


class Scope:
    """Which rows count for one company."""

    def __init__(self, settings: BookkeepingSettings, *, is_first: bool, known: bool) -> None:
        connection = settings.connection
        self.supplier_id, self.file_id = connection.supplier_id, connection.company_file_id
        self.start, self.is_first, self.known = settings.start_on, is_first, known

    @property
    def advances(self) -> QuerySet[Advance]:
        """The advances that were paid out since the start date for invoices of these books."""
        return Advance.objects.filter(
            supplier=self.supplier_id, invoice__company_file=self.file_id, funded_on__gte=self.start
        )

    def of_advances(self) -> Q:
        return Q(advance__in=self.advances.values("pk"))

    def without_advance(self, day: str) -> Q:
        """Money since the start date that belongs to the supplier, or that these books' invoices brought."""
        return Q(**{f"{day}__gte": self.start}) & self.of_company()

    def of_company(self) -> Q:
        """Money of whatever day that belongs to the supplier, or that these books' invoices brought."""
        of_these = Q(advance__invoice__company_file=self.file_id)
        return of_these | Q(advance=None) if self.is_first else of_these

    def missing(self, source: Combinable, is_undone: Q, undone: str) -> Q:
        """Rows whose event, or the event that undoes it, has no entry."""
        if self.known:
            return Q()
        entries = BookkeepingEntry.objects.all()
        return ~Q(Exists(entries.filter(source=source))) | (
            is_undone & ~Q(Exists(entries.filter(source=Concat(source, Value(undone)))))
        )


def reversed_amounts(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    """The other side of each amount."""
    return {name: -amount for name, amount in amounts.items()}


def undone(event: Event, *, suffix: str, on: date) -> Event:
    """The event that takes `event` out of the books again, on the day `on`."""
    return event._replace(
        source=event.source + suffix,
        kind=BookkeepingEntry.Kind.REVERSAL,
        value_date=max(on, event.value_date),
        amounts=reversed_amounts(event.amounts),
        reverses=event.source,
    )
