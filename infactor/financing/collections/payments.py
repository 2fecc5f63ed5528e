"""Money in: a payment is recorded once, goes where it belongs, and can be taken back by the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from infactor.core import audit
from infactor.core.money import InvalidAmount, validate_amount
from infactor.financing import emails, locks
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected
from infactor.financing.collections import returned_payments
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Collection, CollectionAllocation
from infactor.financing.value_dates import validate_value_date
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

RECORD = "financing.record_collections"


class CollectionError(Exception):
    """The payment cannot be recorded or matched so; the message says why. Nothing was written."""


class AlreadyRecorded(CollectionError):
    """This very payment (reference, date, amount, currency) is recorded already."""


@dataclass(frozen=True)
class AllocationTarget:
    """What so much of a payment is for, in the payment's currency.

    An advance: its invoice was paid; what is above what is open of it belongs to the supplier. A supplier alone: what
    it owes infactor (`is_due`), or a payment of an invoice that is not financed, to be passed on.
    """

    amount: Decimal
    advance: Advance | None = None
    supplier: Supplier | None = None
    is_due: bool = False


@dataclass(frozen=True)
class IncomingPayment:
    """A payment as the bank tells of it."""

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str
    payer: str = ""
    remittance: str = ""
    source: str = Collection.Source.MANUAL


@dataclass(frozen=True)
class AllocationPart:
    """Where a part of a payment goes: what `split` makes of a target."""

    kind: str
    supplier_id: int
    amount: Decimal
    advance: Advance | None = None


def record(*, payment: IncomingPayment, targets: Sequence[AllocationTarget], by: User, at: datetime) -> Collection:
    """Record a payment, and where it belongs as far as that is known; the rest waits.

    Raises NotAllowed, RecordedBefore, CollectionRefused, ValueDateRefused.
    """
    roles.require(by, RECORD)
    amount = _validated_amount(payment.amount, payment.currency)
    validate_value_date(payment.value_date, at=at)
    if not payment.bank_reference.strip():
        raise CollectionError("Enter the bank's reference: it keeps a payment from being recorded twice.")
    with transaction.atomic():
        _lock_suppliers(targets)
        try:
            with transaction.atomic():
                collection = Collection.objects.create(
                    currency=payment.currency,
                    amount=amount,
                    value_date=payment.value_date,
                    bank_reference=payment.bank_reference.strip(),
                    payer=payment.payer.strip(),
                    remittance=payment.remittance.strip(),
                    source=payment.source,
                    recorded_by=by,
                    recorded_at=at,
                )
        except IntegrityError as error:
            if "collection_once" not in str(error):
                raise
            raise AlreadyRecorded("This payment is recorded already: same reference, date and amount.") from error
        matches = _allocate(collection, targets, by=by, at=at)
        journal.post_collection(
            collection=collection, allocations=matches, context=PostingContext(collection.value_date, at, by)
        )
        audit.record(event="collection.recorded", subject=collection, by=by, at=at, details={"parts": len(matches)})
        _apply_to_advances(matches, collection=collection, by=by, at=at)
        return collection


def allocate(
    *, collection: Collection, targets: Sequence[AllocationTarget], by: User, at: datetime
) -> list[CollectionAllocation]:
    """Say what more of a payment is for. Raises NotAllowed, CollectionRefused where it was returned or used up."""
    roles.require(by, RECORD)
    with transaction.atomic():
        _lock_suppliers(targets)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionError("The bank took this payment back.")
        if not targets:
            raise CollectionError("Say what it is for.")
        matches = _allocate(current, targets, by=by, at=at)
        journal.post_allocation(
            collection=current, allocations=matches, context=PostingContext(current.value_date, at, by)
        )
        audit.record(event="collection.matched", subject=current, by=by, at=at, details={"parts": len(matches)})
        _apply_to_advances(matches, collection=current, by=by, at=at)
        return matches


def record_return(*, collection: Collection, value_date: date, reason: str, by: User, at: datetime) -> Collection:
    """The bank returned a payment: all that it did is undone. Raises NotAllowed, CollectionRefused."""
    roles.require(by, RECORD)
    if not reason.strip():
        raise CollectionError("Say what the bank said.")
    with transaction.atomic():
        named = set(CollectionAllocation.objects.filter(collection=collection).values_list("supplier_id", flat=True))
        for supplier_id in sorted(named):
            locks.lock_supplier_and_debtors(supplier_id=supplier_id)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionError("This payment was taken back already.")
        if CollectionAllocation.objects.filter(collection=current).exclude(supplier__in=named).exists():
            # Not held: what it did to them could be paid on while it is undone.
            raise CollectionError("This payment was matched in the meantime. Look again.")
        validate_value_date(value_date, at=at, not_before=current.value_date)
        current.returned_on, current.returned_by, current.return_reason = value_date, by, reason[:300]
        current.save()
        audit.record(event="collection.returned", subject=current, by=by, at=at, reason=reason)
        returned_payments.reverse_returned_payment(
            collection=current, context=PostingContext(value_date, at, by), by=by, at=at, reason=reason
        )
        return current


def unallocated(*, collection: Collection) -> Decimal:
    """How much of a payment waits, in its currency."""
    if collection.returned_on is not None:
        return Decimal("0.00")
    used = CollectionAllocation.objects.filter(collection=collection, reversed_at__isnull=True).aggregate(
        sum=Sum("amount")
    )["sum"]
    return collection.amount - (used or Decimal("0.00"))


def preview_allocation(*, target: AllocationTarget, currency: str) -> list[AllocationPart]:
    """Where the money of `target` goes, by the books as they are. Raises CollectionRefused."""
    amount = _validated_amount(target.amount, currency)
    advance = target.advance
    if advance is None:
        if target.supplier is None:
            raise CollectionError("Choose an advance or a supplier.")
        if not target.is_due:
            return [AllocationPart(CollectionAllocation.Kind.PAYABLE, target.supplier.pk, amount)]
        owed = journal.supplier_balance(
            purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=target.supplier.pk, currency=currency
        )
        return _split_at(target.supplier.pk, amount, owed, CollectionAllocation.Kind.DUE, None)
    if advance.currency != currency:
        raise CollectionError(f"This advance is in {advance.currency}, the payment in {currency}.")
    if advance.status in OUTSTANDING_STATUSES:
        left = journal.outstanding(advance=advance).receivable
        return _split_at(advance.supplier_id, amount, left, CollectionAllocation.Kind.ADVANCE, advance)
    if advance.status == Advance.Status.WRITTEN_OFF:
        return _split_at(
            advance.supplier_id,
            amount,
            returned_payments.outstanding_loss(advance=advance),
            CollectionAllocation.Kind.RECOVERY,
            advance,
        )
    # Not funded, or ended: the buyer's money is the supplier's.
    return [AllocationPart(CollectionAllocation.Kind.PAYABLE, advance.supplier_id, amount, advance)]


def _split_at(
    supplier_id: int, amount: Decimal, limit: Decimal, kind: str, advance: Advance | None
) -> list[AllocationPart]:
    """`amount` up to `most` for what it was meant; what is above belongs to the supplier."""
    meant = max(min(amount, limit), Decimal(0))
    found = [
        AllocationPart(kind, supplier_id, meant, advance),
        AllocationPart(CollectionAllocation.Kind.PAYABLE, supplier_id, amount - meant, advance),
    ]
    return [part for part in found if part.amount > 0]


def _allocate(
    collection: Collection, targets: Sequence[AllocationTarget], *, by: User, at: datetime
) -> list[CollectionAllocation]:
    advances = [target.advance.pk for target in targets if target.advance is not None]
    debts = [target.supplier.pk for target in targets if target.supplier is not None and target.is_due]
    if len(set(advances)) < len(advances) or len(set(debts)) < len(debts):
        raise CollectionError("Name each advance, and what each supplier owes, once.")
    free = unallocated(collection=collection)
    parts = [
        part
        for target in targets
        for part in preview_allocation(target=_refreshed(target), currency=collection.currency)
    ]
    if sum((part.amount for part in parts), Decimal(0)) > free:
        raise CollectionError(f"Only {free:,.2f} {collection.currency} of this payment are left.")
    start = CollectionAllocation.objects.filter(collection=collection).count()
    return [
        CollectionAllocation.objects.create(
            collection=collection,
            position=start + number,
            kind=part.kind,
            supplier_id=part.supplier_id,
            advance=part.advance,
            amount=part.amount,
            allocated_by=by,
            allocated_at=at,
        )
        for number, part in enumerate(parts, start=1)
    ]


def _apply_to_advances(
    matches: Sequence[CollectionAllocation], *, collection: Collection, by: User, at: datetime
) -> None:
    """What the payment means for the advances that it paid."""
    for one in matches:
        if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance is not None:
            after = collected.mark_collected(advance=one.advance, by=by, at=at)
            if after.status == Advance.Status.FUNDED:
                emails.partly_paid(advance=after, allocation=one)
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in matches if one.advance is not None]
    )


def _refreshed(target: AllocationTarget) -> AllocationTarget:
    """The target with its advance as it is under the lock."""
    if target.advance is None:
        return target
    return AllocationTarget(target.amount, advance=Advance.objects.select_related("invoice").get(pk=target.advance.pk))


def _lock_suppliers(targets: Sequence[AllocationTarget]) -> None:
    """Lock every supplier concerned, in order."""
    concerned = {target.advance.supplier_id for target in targets if target.advance is not None}
    concerned |= {target.supplier.pk for target in targets if target.supplier is not None}
    for supplier_id in sorted(concerned):
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)


def _validated_amount(amount: Decimal, currency: str) -> Decimal:
    try:
        cents = validate_amount(amount, currency)
    except InvalidAmount as error:
        raise CollectionError(f"This is no amount of money: {error}.") from error
    if cents <= 0:
        raise CollectionError("Enter an amount above zero.")
    return cents
