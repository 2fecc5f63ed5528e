"""Payments that look like one that is recorded already: a person says whether it is the same one."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from infactor.banking import matches
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import identifying
from infactor.banking.models import StatementLine
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


def find(
    *,
    currency: str,
    amount: Decimal,
    value_date: date,
    reference: str,
    payer: str,
    text: str,
    advance_ids: Iterable[int] = (),
) -> list[Collection]:
    """Payments with the same amount that have the same reference within some days, or the same payer and invoice."""
    rows = Collection.objects.filter(
        currency=currency,
        amount=amount,
        returned_on=None,
        value_date__gte=value_date - SAME_INVOICE,
        value_date__lte=value_date + SAME_INVOICE,
    ).prefetch_related("allocations")
    wanted = set(advance_ids)
    plain, name, numbers = _plain(reference), normalized_name(payer), invoice_tokens.numbers_in(text)
    found = []
    for one in rows.order_by("pk"):
        same_reference = plain and plain == _plain(one.bank_reference) and abs(one.value_date - value_date) <= NEAR
        same_payer = bool(name) and name == normalized_name(one.payer)
        paid = {part.advance_id for part in one.allocations.all() if part.reversed_at is None and part.advance_id}
        same_invoice = bool(wanted & paid or numbers & invoice_tokens.numbers_in(one.remittance))
        if same_reference or (same_payer and same_invoice):
            found.append(one)
    return found


def of_line(*, line: StatementLine, advance_ids: Iterable[int] = ()) -> list[Collection]:
    """`find` for a line of a statement."""
    return find(
        currency=line.account.currency,
        amount=line.amount,
        value_date=line.value_date,
        reference=line.reference or line.entry_id,
        payer=line.payer,
        text=line.remittance,
        advance_ids=advance_ids,
    )


def booked_entries(*, line: StatementLine) -> Sequence[Entry]:
    """Entries of about that day on the line's account that have its amount and that no line confirms."""
    rows = matches.unconfirmed_entries(account=line.account).filter(
        moved=line.amount,
        transaction__value_date__gte=line.value_date - NEAR,
        transaction__value_date__lte=line.value_date + NEAR,
    )
    return list(rows.order_by("transaction__value_date", "pk")[:10])


def refuse(*, payment: IncomingPayment, advance_ids: Iterable[int]) -> None:
    """Raise LooksLikeAnother if `payment`, which is for these advances, may be recorded or booked already."""
    similar = find(
        currency=payment.currency,
        amount=payment.amount,
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
