"""The preview of the bookkeeping: debits and credits of what would be written, by the names of the chosen accounts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text
from infactor.financing.models import Advance
from quickbooks_app.bookkeeping import entries
from quickbooks_app.bookkeeping.events import find_events
from quickbooks_app.bookkeeping.objects import entity_of
from quickbooks_app.models import BookkeepingAccount, BookkeepingEntry, BookkeepingSettings, Connection

Kind, Role = BookkeepingEntry.Kind, BookkeepingAccount.Role
WORDS = {"Deposit": _("Deposit"), "Payment": _("Payment"), "JournalEntry": _("Journal entry")}
# An advance of 85 % on 10,000 with a fee of 300, as docs/domain/bookkeeping.md has it.
EXAMPLE: Sequence[tuple[str, dict[str, str]]] = (
    (Kind.ADVANCE, {"bank": "8500", "advances": "-8500"}),
    (Kind.BUYER_PAYMENT, {"due": "10000", "receivables": "-10000"}),
    (Kind.SETTLEMENT, {"advances": "8500", "fees": "300", "due": "-8800"}),
    (Kind.REBATE, {"bank": "1200", "due": "-1200"}),
)


class Side(NamedTuple):
    """An account, and its amount on this side, above zero."""

    account: Text
    amount: Decimal


class PreviewRow(NamedTuple):
    """One event as it would be written: a Deposit, a Payment or a Journal entry."""

    what: str
    invoice: str
    day: date | None
    currency: str
    debits: Sequence[Side]
    credits: Sequence[Side]
    object_name: str


def example_rows(*, names: Mapping[str, str], currency: str) -> list[PreviewRow]:
    """The life of one advance."""
    return [
        _row(kind, {role: Decimal(amount) for role, amount in amounts.items()}, names=names, currency=currency)
        for kind, amounts in EXAMPLE
    ]


def existing_rows(
    *, connection: Connection, start_on: date, names: Mapping[str, str], currency: str
) -> list[PreviewRow]:
    """What has happened since the start date, would be written, and is not in the books yet.

    `currency` is that of the chosen accounts: what is in another one is entered by hand.
    """
    settings = BookkeepingSettings(connection=connection, start_on=start_on)
    events = find_events(settings=settings, is_first=entries.is_first_of_supplier(settings))
    return [
        _row(
            event.kind,
            event.amounts,
            names=names,
            currency=event.currency,
            invoice=_invoice_no(event.advance),
            day=event.value_date,
        )
        for event in events
        if event.currency == currency
    ]


def entry_rows(
    *, rows: Iterable[BookkeepingEntry], names: Mapping[str, str]
) -> list[tuple[BookkeepingEntry, PreviewRow]]:
    """Entries, each with its debits and credits."""
    return [
        (
            one,
            _row(
                one.kind,
                one.amounts,
                names=names,
                currency=one.currency,
                invoice=_invoice_no(one.advance),
                day=one.value_date,
            ),
        )
        for one in rows
    ]


def _row(
    kind: str,
    amounts: Mapping[str, Decimal],
    *,
    names: Mapping[str, str],
    currency: str,
    invoice: str = "",
    day: date | None = None,
) -> PreviewRow:
    labels = dict(Role.choices) | dict(names)
    return PreviewRow(
        what=str(Kind(kind).label),
        invoice=invoice,
        day=day,
        currency=currency,
        debits=[Side(labels[role], amount) for role, amount in amounts.items() if amount > 0],
        credits=[Side(labels[role], -amount) for role, amount in amounts.items() if amount < 0],
        object_name=str(WORDS[entity_of(kind)]),
    )


def _invoice_no(advance: Advance | None) -> str:
    return advance.invoice.invoice_no if advance is not None else ""
