"""Payments that look like one that is recorded already: a person says whether it is the same one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from infactor.banking import matches
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import identifying
from infactor.banking.models import HouseAccount, StatementLine
from infactor.financing.collections import invoice_tokens
from infactor.financing.collections.incoming import (
    AlreadyRecorded,
    CollectionError,
    IncomingPayment,
    LooksLikeAnother,
)
from infactor.financing.models import Collection
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.search_text import normalize
from infactor.ledger.models import Entry

NEAR = timedelta(days=10)  # between two banking days of one payment, with its value date
SAME_INVOICE = timedelta(days=45)  # a buyer pays an invoice once
MAX_BOOKED = 10


@dataclass
class Recorded:
    """Payments by currency and amount, and booked entries by house account and amount, that lines may look like."""

    payments: dict[tuple[str, Decimal], list[Collection]] = field(default_factory=lambda: defaultdict(list))
    entries: dict[tuple[int, Decimal], list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def booked(self, line: StatementLine) -> Sequence[Entry]:
        """Entries of about that day on the line's account that have its amount and that no line confirms."""
        same = self.entries.get((line.account.pk, line.amount), ())
        return [one for one in same if abs(one.transaction.value_date - line.value_date) <= NEAR][:MAX_BOOKED]

    def payments_like(self, line: StatementLine, *, advance_ids: Iterable[int]) -> list[Collection]:
        """Payments that a line looks like."""
        return _similar(
            self.payments.get((line.account.currency, line.amount), ()),
            value_date=line.value_date,
            reference=line.reference or line.entry_id,
            payer=line.payer,
            text=line.remittance,
            advance_ids=advance_ids,
        )


def load(*, lines: Iterable[StatementLine]) -> Recorded:
    """What any of `lines` may look like; one query for each currency and account."""
    found = Recorded()
    by_account: dict[HouseAccount, list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_account[line.account].append(line)
    for account, own in by_account.items():
        amounts = {line.amount for line in own}
        days = [line.value_date for line in own]
        for payment in _payments(account.currency, amounts, first=min(days), last=max(days)):
            key = account.currency, payment.amount
            if payment not in found.payments[key]:
                found.payments[key].append(payment)
        entries = matches.unconfirmed_entries(account=account).filter(
            moved__in=amounts,
            transaction__value_date__gte=min(days) - NEAR,
            transaction__value_date__lte=max(days) + NEAR,
        )
        for entry in entries.order_by("transaction__value_date", "pk"):
            found.entries[account.pk, entry.debit - entry.credit].append(entry)
    return found


def _payments(currency: str, amounts: Iterable[Decimal], *, first: date, last: date) -> QuerySet[Collection]:
    rows = Collection.objects.filter(
        currency=currency,
        amount__in=amounts,
        returned_on=None,
        value_date__gte=first - SAME_INVOICE,
        value_date__lte=last + SAME_INVOICE,
    )
    return rows.prefetch_related("allocations").order_by("pk")


def _similar(
    rows: Iterable[Collection],
    *,
    value_date: date,
    reference: str,
    payer: str,
    text: str,
    advance_ids: Iterable[int],
) -> list[Collection]:
    """Those of `rows`, of one amount, with the same reference within some days, or the same payer and invoice."""
    wanted = set(advance_ids)
    plain, name, numbers = _plain(reference), normalized_name(payer), invoice_tokens.numbers_in(text)
    found = []
    for one in rows:
        days = abs(one.value_date - value_date)
        same_reference = plain and plain == _plain(one.bank_reference) and days <= NEAR
        same_payer = bool(name) and name == normalized_name(one.payer) and days <= SAME_INVOICE
        paid = {part.advance_id for part in one.allocations.all() if part.reversed_at is None and part.advance_id}
        same_invoice = bool(wanted & paid or numbers & invoice_tokens.numbers_in(one.remittance))
        if same_reference or (same_payer and same_invoice):
            found.append(one)
    return found


def booked_entries(*, line: StatementLine) -> Sequence[Entry]:
    """`Recorded.booked` for one line."""
    return load(lines=[line]).booked(line)


def refuse(*, payment: IncomingPayment, advance_ids: Iterable[int]) -> None:
    """Raise LooksLikeAnother if `payment`, which is for these advances, may be recorded or booked already."""
    rows = _payments(payment.currency, [payment.amount], first=payment.value_date, last=payment.value_date)
    similar = _similar(
        rows,
        value_date=payment.value_date,
        reference=payment.bank_reference,
        payer=payment.payer,
        text=payment.remittance,
        advance_ids=advance_ids,
    )
    if payment.statement_line is None:
        reference = payment.bank_reference.strip()
        typed = [one for one in similar if one.statement_line_id is None]
        if any((one.bank_reference, one.value_date) == (reference, payment.value_date) for one in typed):
            raise AlreadyRecorded("This payment is already recorded: same reference, date and amount.")
    if similar:
        raise LooksLikeAnother(
            f"This looks like {describe(similar)}: the same amount, and the same reference, or payer and invoice. "
            "Say that it is another payment, if it is."
        )
    if payment.statement_line is not None and booked_entries(line=payment.statement_line):
        raise LooksLikeAnother("The books have this amount already, on no statement yet. Say that it is other money.")


def lock_open_line(line: StatementLine) -> StatementLine:
    """The line as it is now, locked. Raises CollectionError if it is decided already."""
    try:
        return matches.lock_open(line=line)
    except BankingError as problem:
        raise CollectionError(str(problem)) from problem


def describe(collections: Sequence[Collection]) -> str:
    """ "payment 6 of Nov 2, 2026" for each."""
    return ", ".join(
        f"payment {one.pk} of {one.value_date:%b} {one.value_date.day}, {one.value_date.year}" for one in collections
    )


def _plain(reference: str) -> str:
    return "".join(one for one in normalize(identifying(reference)) if one.isalnum())
