"""Money in: a payment is recorded once, goes where it belongs, and can be taken back by the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from infactor.core import audit
from infactor.core.money import AmountUnreadable, exact
from infactor.financing import emails, locks
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import When
from infactor.financing.advances import collected
from infactor.financing.collections import returned_payments
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUT, Advance, Collection, Match
from infactor.financing.value_dates import checked
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

RECORD = "financing.record_collections"


class CollectionRefused(Exception):
    """The payment cannot be recorded or matched so; the message says why. Nothing was written."""


class RecordedBefore(CollectionRefused):
    """This very payment (reference, date, amount, currency) is recorded already."""


@dataclass(frozen=True)
class Target:
    """What so much of a payment is for, in the payment's currency.

    An advance: its invoice was paid; what is above what is open of it belongs to the supplier. A supplier alone: what
    it owes infactor (`is_due`), or a payment of an invoice that is not financed, to be passed on.
    """

    amount: Decimal
    advance: Advance | None = None
    supplier: Supplier | None = None
    is_due: bool = False


@dataclass(frozen=True)
class Arrival:
    """A payment as the bank tells of it."""

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str
    payer: str = ""
    remittance: str = ""
    source: str = Collection.Source.HAND


@dataclass(frozen=True)
class Part:
    """Where a part of a payment goes: what `split` makes of a target."""

    kind: str
    supplier_id: int
    amount: Decimal
    advance: Advance | None = None


def record(*, arrival: Arrival, targets: Sequence[Target], by: User, at: datetime) -> Collection:
    """Record a payment, and where it belongs as far as that is known; the rest waits.

    Raises NotAllowed, RecordedBefore, CollectionRefused, ValueDateRefused.
    """
    roles.require(by, RECORD)
    amount = _amount(arrival.amount, arrival.currency)
    checked(arrival.value_date, at=at)
    if not arrival.bank_reference.strip():
        raise CollectionRefused("Enter the bank's reference: it keeps a payment from being recorded twice.")
    with transaction.atomic():
        _hold(targets)
        try:
            with transaction.atomic():
                collection = Collection.objects.create(
                    currency=arrival.currency,
                    amount=amount,
                    value_date=arrival.value_date,
                    bank_reference=arrival.bank_reference.strip(),
                    payer=arrival.payer.strip(),
                    remittance=arrival.remittance.strip(),
                    source=arrival.source,
                    recorded_by=by,
                    recorded_at=at,
                )
        except IntegrityError as error:
            if "collection_once" not in str(error):
                raise
            raise RecordedBefore("This payment is recorded already: same reference, date and amount.") from error
        matches = _write(collection, targets, by=by, at=at)
        journal.collected(collection=collection, matches=matches, when=When(collection.value_date, at, by))
        audit.record(event="collection.recorded", subject=collection, by=by, at=at, details={"parts": len(matches)})
        _follow(matches, collection=collection, by=by, at=at)
        return collection


def match(*, collection: Collection, targets: Sequence[Target], by: User, at: datetime) -> list[Match]:
    """Say what more of a payment is for. Raises NotAllowed, CollectionRefused where it was returned or used up."""
    roles.require(by, RECORD)
    with transaction.atomic():
        _hold(targets)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionRefused("The bank took this payment back.")
        if not targets:
            raise CollectionRefused("Say what it is for.")
        matches = _write(current, targets, by=by, at=at)
        journal.matched(collection=current, matches=matches, when=When(current.value_date, at, by))
        audit.record(event="collection.matched", subject=current, by=by, at=at, details={"parts": len(matches)})
        _follow(matches, collection=current, by=by, at=at)
        return matches


def take_back(*, collection: Collection, value_date: date, reason: str, by: User, at: datetime) -> Collection:
    """The bank returned a payment: all that it did is undone. Raises NotAllowed, CollectionRefused."""
    roles.require(by, RECORD)
    if not reason.strip():
        raise CollectionRefused("Say what the bank said.")
    with transaction.atomic():
        named = set(Match.objects.filter(collection=collection).values_list("supplier_id", flat=True))
        for supplier_id in sorted(named):
            locks.hold(supplier_id=supplier_id)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionRefused("This payment was taken back already.")
        if Match.objects.filter(collection=current).exclude(supplier__in=named).exists():
            # Not held: what it did to them could be paid on while it is undone.
            raise CollectionRefused("This payment was matched in the meantime. Look again.")
        checked(value_date, at=at, not_before=current.value_date)
        current.returned_on, current.returned_by, current.return_reason = value_date, by, reason[:300]
        current.save()
        audit.record(event="collection.returned", subject=current, by=by, at=at, reason=reason)
        returned_payments.undo(collection=current, when=When(value_date, at, by), by=by, at=at, reason=reason)
        return current


def unmatched(*, collection: Collection) -> Decimal:
    """How much of a payment waits, in its currency."""
    if collection.returned_on is not None:
        return Decimal("0.00")
    used = Match.objects.filter(collection=collection, undone_at__isnull=True).aggregate(sum=Sum("amount"))["sum"]
    return collection.amount - (used or Decimal("0.00"))


def split(*, target: Target, currency: str) -> list[Part]:
    """Where the money of `target` goes, by the books as they are. Raises CollectionRefused."""
    amount = _amount(target.amount, currency)
    advance = target.advance
    if advance is None:
        if target.supplier is None:
            raise CollectionRefused("Choose an advance or a supplier.")
        if not target.is_due:
            return [Part(Match.Kind.PAYABLE, target.supplier.pk, amount)]
        owed = journal.of_supplier(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=target.supplier.pk, currency=currency)
        return _parts(target.supplier.pk, amount, owed, Match.Kind.DUE, None)
    if advance.currency != currency:
        raise CollectionRefused(f"This advance is in {advance.currency}, the payment in {currency}.")
    if advance.status in OUT:
        left = journal.outstanding(advance=advance).receivable
        return _parts(advance.supplier_id, amount, left, Match.Kind.ADVANCE, advance)
    if advance.status == Advance.Status.WRITTEN_OFF:
        return _parts(
            advance.supplier_id, amount, returned_payments.lost_of(advance=advance), Match.Kind.RECOVERY, advance
        )
    # Not funded, or ended: the buyer's money is the supplier's.
    return [Part(Match.Kind.PAYABLE, advance.supplier_id, amount, advance)]


def _parts(supplier_id: int, amount: Decimal, most: Decimal, kind: str, advance: Advance | None) -> list[Part]:
    """`amount` up to `most` for what it was meant; what is above belongs to the supplier."""
    meant = max(min(amount, most), Decimal(0))
    found = [Part(kind, supplier_id, meant, advance), Part(Match.Kind.PAYABLE, supplier_id, amount - meant, advance)]
    return [part for part in found if part.amount > 0]


def _write(collection: Collection, targets: Sequence[Target], *, by: User, at: datetime) -> list[Match]:
    advances = [target.advance.pk for target in targets if target.advance is not None]
    debts = [target.supplier.pk for target in targets if target.supplier is not None and target.is_due]
    if len(set(advances)) < len(advances) or len(set(debts)) < len(debts):
        raise CollectionRefused("Name each advance, and what each supplier owes, once.")
    free = unmatched(collection=collection)
    parts = [part for target in targets for part in split(target=_fresh(target), currency=collection.currency)]
    if sum((part.amount for part in parts), Decimal(0)) > free:
        raise CollectionRefused(f"Only {free:,.2f} {collection.currency} of this payment are left.")
    start = Match.objects.filter(collection=collection).count()
    return [
        Match.objects.create(
            collection=collection,
            position=start + number,
            kind=part.kind,
            supplier_id=part.supplier_id,
            advance=part.advance,
            amount=part.amount,
            matched_by=by,
            matched_at=at,
        )
        for number, part in enumerate(parts, start=1)
    ]


def _follow(matches: Sequence[Match], *, collection: Collection, by: User, at: datetime) -> None:
    """What the payment means for the advances that it paid."""
    for one in matches:
        if one.kind == Match.Kind.ADVANCE and one.advance is not None:
            after = collected.complete(advance=one.advance, by=by, at=at)
            if after.status == Advance.Status.FUNDED:
                emails.partly_paid(advance=after, match=one)
    recalculation.ask_about(invoice_ids=[one.advance.invoice_id for one in matches if one.advance is not None])


def _fresh(target: Target) -> Target:
    """The target with its advance as it is under the lock."""
    if target.advance is None:
        return target
    return Target(target.amount, advance=Advance.objects.select_related("invoice").get(pk=target.advance.pk))


def _hold(targets: Sequence[Target]) -> None:
    """Lock every supplier concerned, in order."""
    concerned = {target.advance.supplier_id for target in targets if target.advance is not None}
    concerned |= {target.supplier.pk for target in targets if target.supplier is not None}
    for supplier_id in sorted(concerned):
        locks.hold(supplier_id=supplier_id)


def _amount(amount: Decimal, currency: str) -> Decimal:
    try:
        cents = exact(amount, currency)
    except AmountUnreadable as error:
        raise CollectionRefused(f"This is no amount of money: {error}.") from error
    if cents <= 0:
        raise CollectionRefused("Enter an amount above zero.")
    return cents
