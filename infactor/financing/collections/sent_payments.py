"""A supplier says that it has sent what it owes: kept until the money comes. No money moves by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.banking.models import StatementLine
from infactor.core import audit
from infactor.core.money import InvalidAmount, format_amount, validate_amount
from infactor.core.plain_text import to_plain_text
from infactor.financing import locks
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.models import Advance, Collection, CollectionAllocation, SentPayment
from infactor.financing.remittance_instructions import payment_reference
from infactor.financing.value_dates import supplier_today
from infactor.invoices.debtors.company_names import normalized_name
from infactor.suppliers import access
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

CLOSE = "financing.record_collections"
OLDEST = timedelta(days=60)
AHEAD = timedelta(days=7)
SHORTEST = 4  # characters; a shorter reference would be found in the text of any payment
Outcome = SentPayment.Outcome


class SentPaymentError(Exception):
    """The word cannot be taken. The message says why; `field` is the field of a form that it is about."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Transfer:
    """What a supplier says that it sent: the amount in `currency`, the day, and the reference of the transfer."""

    currency: str
    amount: Decimal
    sent_on: date
    reference: str


def say(*, supplier: Supplier, advance: Advance | None, transfer: Transfer, by: User, at: datetime) -> SentPayment:
    """A member of `supplier` says that it sent `transfer`, for `advance` or, without one, for all that it owes.

    Said again with other facts, it corrects the open word; with the same, it changes nothing. Raises NotAllowed,
    SentPaymentError.
    """
    access.require_member(by=by, supplier=supplier, owner=False)
    transfer = _valid(transfer, today=supplier_today(supplier=supplier, at=at))
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=supplier.pk)
        current = open_word(supplier=supplier, currency=transfer.currency, advance=advance, is_locked=True)
        if current is not None and _transfer(current) == transfer:
            return current
        event = "sent_payment.corrected" if current is not None else "sent_payment.said"
        row = current or SentPayment(supplier=supplier, advance=advance, currency=transfer.currency)
        row.amount, row.sent_on, row.reference = transfer.amount, transfer.sent_on, transfer.reference
        row.said_by, row.said_at = by, at
        row.save()
        details = {"amount": f"{row.amount}", "currency": row.currency, "sent_on": row.sent_on.isoformat()}
        audit.record(event=event, subject=row, by=by, at=at, supplier_id=supplier.pk, details=details)
        return row


def open_word(
    *, supplier: Supplier, currency: str, advance: Advance | None, is_locked: bool = False
) -> SentPayment | None:
    """The open word about one debt; None if there is none. `is_locked`: staff cannot close it at the same time."""
    rows = SentPayment.objects.filter(supplier=supplier, currency=currency, ended_at__isnull=True)
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(advance=advance).first() if advance else rows.filter(advance__isnull=True).first()


def close(*, sent: SentPayment, outcome: str, reason: str, by: User, at: datetime) -> SentPayment:
    """Staff say what became of it, for a reason. Raises NotAllowed, CollectionError if it is closed already."""
    roles.require(by, CLOSE)
    with transaction.atomic():
        current = SentPayment.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=sent.pk)
        if current.ended_at is not None:
            raise CollectionError(_("This is closed already."))
        _end(current, outcome=outcome, by=by, at=at, reason=reason)
        return current


def mark_received(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], by: User, at: datetime
) -> None:
    """Close the open words that this payment answers: by their reference, or by the amount where it pays a debt.

    By its amount alone a payment for an invoice may be its buyer's; so it may by a reference that does not have the
    supplier's own code, such as the invoice's number. The caller has locked the suppliers.
    """
    totals: dict[int, Decimal] = {}
    for one in allocations:
        totals[one.supplier_id] = totals.get(one.supplier_id, Decimal(0)) + one.amount
    rows = SentPayment.objects.filter(supplier__in=totals, currency=collection.currency, ended_at__isnull=True)
    advances = {one.advance_id for one in allocations}
    pays_debt = {one.supplier_id for one in allocations if one.kind == CollectionAllocation.Kind.DUE}
    text = _plain(f"{collection.bank_reference} {collection.remittance}")
    done: set[int] = set()
    ordered = sorted(
        rows.select_for_update(of=("self",)).select_related("supplier").order_by("pk"),
        key=lambda one: (one.advance_id not in advances, one.said_at, one.pk),
    )
    for sent in ordered:
        if sent.supplier_id in done:
            continue
        is_debt, has_amount = sent.supplier_id in pays_debt, sent.amount == totals[sent.supplier_id]
        own_code = _plain(payment_reference(number="", public_id=sent.supplier.public_id))
        is_named = _plain(sent.reference) in text
        is_sure = own_code in _plain(sent.reference) or is_debt or has_amount
        if (is_debt and has_amount) or (is_named and is_sure):
            done.add(sent.supplier_id)
            _end(sent, outcome=Outcome.RECEIVED, by=by, at=at, collection=collection)


def reopen(*, collection: Collection, supplier_ids: Iterable[int]) -> None:
    """The payment counts no longer for these suppliers: what it answered is open again, unless it was said anew."""
    rows = SentPayment.objects.filter(collection=collection, supplier__in=supplier_ids)
    for sent in rows.select_for_update(of=("self",)).select_related("supplier", "advance").order_by("pk"):
        if open_word(supplier=sent.supplier, currency=sent.currency, advance=sent.advance) is None:
            sent.outcome, sent.collection, sent.ended_by, sent.ended_at = "", None, None, None
            sent.save()


def announced(*, currency: str) -> list[SentPayment]:
    """All open words in `currency`, with their suppliers."""
    return list(SentPayment.objects.filter(currency=currency, ended_at__isnull=True).select_related("supplier"))


def reasons(*, line: StatementLine, words: Iterable[SentPayment]) -> list[str]:
    """Why a line of a statement is likely one of `words`, a sentence each: a reference or the payer's name says so."""
    if line.amount <= 0:
        return []
    text, payer = _plain(f"{line.remittance} {line.reference}"), normalized_name(line.payer)
    found = []
    for one in words:
        own = _plain(payment_reference(number="", public_id=one.supplier.public_id))
        is_named = own in text or _plain(one.reference) in text
        if is_named or (one.amount == line.amount and payer and payer == normalized_name(one.supplier.name)):
            amount = format_amount(one.amount, one.currency)
            found.append(f"{one.supplier} says that it sent {amount} on {one.sent_on}, for what it owes.")
    return found


def _valid(transfer: Transfer, *, today: date) -> Transfer:
    try:
        amount = validate_amount(transfer.amount, transfer.currency)
    except InvalidAmount as error:
        raise SentPaymentError(
            _("This is not an amount of money: %(error)s.") % {"error": error}, field="amount"
        ) from error
    if amount <= 0:
        raise SentPaymentError(_("Enter an amount above zero."), field="amount")
    if not today - OLDEST <= transfer.sent_on <= today + AHEAD:
        raise SentPaymentError(_("Enter the day on which your bank sends the transfer."), field="sent_on")
    reference = to_plain_text(transfer.reference, multiline=False)[:140].strip()
    if len(_plain(reference)) < SHORTEST:
        raise SentPaymentError(_("Enter the reference of the transfer."), field="reference")
    return Transfer(transfer.currency, amount, transfer.sent_on, reference)


def _transfer(sent: SentPayment) -> Transfer:
    return Transfer(sent.currency, sent.amount, sent.sent_on, sent.reference)


def _plain(text: str) -> str:
    """Letters and digits alone: banks break lines and drop signs."""
    return "".join(one for one in text.upper() if one.isalnum())


def _end(
    sent: SentPayment, *, outcome: str, by: User, at: datetime, reason: str = "", collection: Collection | None = None
) -> None:
    sent.outcome, sent.reason, sent.collection = outcome, reason[:300], collection
    sent.ended_by, sent.ended_at = by, at
    sent.save()
    audit.record(
        event=f"sent_payment.{outcome}", subject=sent, by=by, at=at, supplier_id=sent.supplier_id, reason=reason[:300]
    )
