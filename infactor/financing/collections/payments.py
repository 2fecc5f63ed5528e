"""Payments from buyers: record each once, allocate it, and reverse it when the bank returns it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from infactor.banking import cash, matches
from infactor.core import audit
from infactor.core.money import InvalidAmount, validate_amount
from infactor.financing import emails, locks
from infactor.financing.accounting import balances, journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected
from infactor.financing.collections import lookalikes, returned_payments
from infactor.financing.collections.incoming import AlreadyRecorded as AlreadyRecorded
from infactor.financing.collections.incoming import CollectionError as CollectionError
from infactor.financing.collections.incoming import IncomingPayment as IncomingPayment
from infactor.financing.collections.incoming import LooksLikeAnother as LooksLikeAnother
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Collection, CollectionAllocation
from infactor.financing.value_dates import validate_value_date
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

RECORD_COLLECTIONS = "financing.record_collections"


@dataclass(frozen=True)
class AllocationTarget:
    """What an amount of a payment is for, in the payment's currency.

    An advance: the buyer paid its invoice, and any surplus belongs to the supplier. A supplier alone: a debt to
    infactor (`is_due`), or the payment of an invoice that is not financed, to be remitted.
    """

    amount: Decimal
    advance: Advance | None = None
    supplier: Supplier | None = None
    is_due: bool = False


@dataclass(frozen=True)
class AllocationPart:
    """A part of a payment with its kind: what `preview_allocation` makes of a target."""

    kind: str
    supplier_id: int
    amount: Decimal
    advance: Advance | None = None


def record(*, payment: IncomingPayment, targets: Sequence[AllocationTarget], by: User, at: datetime) -> Collection:
    """Record a payment and allocate it as far as its targets are known. The rest stays unallocated.

    With its line of a statement, which then is in the books. Raises NotAllowed, AlreadyRecorded, LooksLikeAnother,
    CollectionError, InvalidValueDate.
    """
    roles.require(by, RECORD_COLLECTIONS)
    amount = _validated_amount(payment.amount, payment.currency)
    validate_value_date(payment.value_date, at=at)
    if not payment.bank_reference.strip():
        raise CollectionError("Enter the bank reference. It keeps a payment from being recorded twice.")
    line = payment.statement_line
    with transaction.atomic():
        _lock_suppliers(targets)
        if line is not None:
            line = lookalikes.lock_open_line(line)
        refuse_lookalikes(payment=replace(payment, amount=amount), targets=targets)
        try:
            with transaction.atomic():
                collection = Collection.objects.create(
                    currency=payment.currency,
                    amount=amount,
                    value_date=payment.value_date,
                    bank_reference=payment.bank_reference.strip(),
                    payer=payment.payer.strip(),
                    remittance=payment.remittance.strip(),
                    source=Collection.Source.MANUAL if line is None else Collection.Source.STATEMENT,
                    statement_line=line,
                    recorded_by=by,
                    recorded_at=at,
                )
        except IntegrityError as error:
            if "collection_once" not in str(error):
                raise
            raise AlreadyRecorded("This payment is already recorded: same reference, date and amount.") from error
        allocations = _allocate(collection, targets, by=by, at=at)
        posted = journal.post_collection(
            collection=collection, allocations=allocations, context=PostingContext(collection.value_date, at, by)
        )
        if line is not None:
            matches.link(line=line, entries=cash.entries_of(transaction=posted, account=line.account), by=by, at=at)
        audit.record(event="collection.recorded", subject=collection, by=by, at=at, details={"parts": len(allocations)})
        _apply_to_advances(allocations, collection=collection, by=by, at=at)
        return collection


def refuse_lookalikes(*, payment: IncomingPayment, targets: Sequence[AllocationTarget]) -> None:
    """Raise LooksLikeAnother if `payment` may be recorded already, unless a person says that it is another one."""
    if not payment.is_another:
        advances = [target.advance.pk for target in targets if target.advance is not None]
        lookalikes.refuse(payment=payment, advance_ids=advances)


def allocate(
    *, collection: Collection, targets: Sequence[AllocationTarget], by: User, at: datetime
) -> list[CollectionAllocation]:
    """Allocate more of a payment. Raises NotAllowed, CollectionError (returned, or not enough left)."""
    roles.require(by, RECORD_COLLECTIONS)
    with transaction.atomic():
        _lock_suppliers(targets)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionError("The bank returned this payment.")
        if not targets:
            raise CollectionError("Choose what it is for.")
        allocations = _allocate(current, targets, by=by, at=at)
        journal.post_allocation(
            collection=current, allocations=allocations, context=PostingContext(current.value_date, at, by)
        )
        audit.record(event="collection.allocated", subject=current, by=by, at=at, details={"parts": len(allocations)})
        _apply_to_advances(allocations, collection=current, by=by, at=at)
        return allocations


def record_return(*, collection: Collection, value_date: date, reason: str, by: User, at: datetime) -> Collection:
    """Record that the bank returned a payment, and reverse everything that followed from it.

    Raises NotAllowed, CollectionError, InvalidValueDate.
    """
    roles.require(by, RECORD_COLLECTIONS)
    if not reason.strip():
        raise CollectionError("Enter the reason that the bank gave.")
    with transaction.atomic():
        supplier_ids = set(
            CollectionAllocation.objects.filter(collection=collection).values_list("supplier_id", flat=True)
        )
        for supplier_id in sorted(supplier_ids):
            locks.lock_supplier_and_debtors(supplier_id=supplier_id)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.returned_on is not None:
            raise CollectionError("The return of this payment is already recorded.")
        if CollectionAllocation.objects.filter(collection=current).exclude(supplier__in=supplier_ids).exists():
            # Its supplier is not locked: the money could be remitted while the payment is reversed.
            raise CollectionError("This payment was allocated in the meantime. Check it again.")
        validate_value_date(value_date, at=at, not_before=current.value_date)
        current.returned_on, current.returned_by, current.return_reason = value_date, by, reason[:300]
        current.save()
        audit.record(event="collection.returned", subject=current, by=by, at=at, reason=reason)
        returned_payments.reverse_returned_payment(
            collection=current, context=PostingContext(value_date, at, by), by=by, at=at, reason=reason
        )
        return current


def unallocated(*, collection: Collection) -> Decimal:
    """How much of a payment is not allocated, in its currency."""
    if collection.returned_on is not None:
        return Decimal("0.00")
    allocated = CollectionAllocation.objects.filter(collection=collection, reversed_at__isnull=True).aggregate(
        sum=Sum("amount")
    )["sum"]
    return collection.amount - (allocated or Decimal("0.00"))


def preview_allocation(*, target: AllocationTarget, currency: str) -> list[AllocationPart]:
    """How the amount of `target` would be allocated by the books as they are. Raises CollectionError."""
    amount = _validated_amount(target.amount, currency)
    advance = target.advance
    if advance is None:
        if target.supplier is None:
            raise CollectionError("Choose an advance or a supplier.")
        if not target.is_due:
            return [AllocationPart(CollectionAllocation.Kind.PAYABLE, target.supplier.pk, amount)]
        owed = balances.supplier_balance(
            purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=target.supplier.pk, currency=currency
        )
        return _split_at(target.supplier.pk, amount, owed, CollectionAllocation.Kind.DUE, None)
    if advance.currency != currency:
        raise CollectionError(f"This advance is in {advance.currency}, the payment in {currency}.")
    if advance.status in OUTSTANDING_STATUSES:
        left = balances.outstanding(advance=advance).receivable
        return _split_at(advance.supplier_id, amount, left, CollectionAllocation.Kind.ADVANCE, advance)
    if advance.status == Advance.Status.WRITTEN_OFF:
        return _split_at(
            advance.supplier_id,
            amount,
            returned_payments.outstanding_loss(advance=advance),
            CollectionAllocation.Kind.RECOVERY,
            advance,
        )
    # Not funded, or closed: the buyer's money belongs to the supplier.
    return [AllocationPart(CollectionAllocation.Kind.PAYABLE, advance.supplier_id, amount, advance)]


def _split_at(
    supplier_id: int, amount: Decimal, limit: Decimal, kind: str, advance: Advance | None
) -> list[AllocationPart]:
    """`amount` up to `limit` for its own purpose. The surplus belongs to the supplier."""
    own = max(min(amount, limit), Decimal(0))
    found = [
        AllocationPart(kind, supplier_id, own, advance),
        AllocationPart(CollectionAllocation.Kind.PAYABLE, supplier_id, amount - own, advance),
    ]
    return [part for part in found if part.amount > 0]


def _allocate(
    collection: Collection, targets: Sequence[AllocationTarget], *, by: User, at: datetime
) -> list[CollectionAllocation]:
    advances = [target.advance.pk for target in targets if target.advance is not None]
    debtor_suppliers = [target.supplier.pk for target in targets if target.supplier is not None and target.is_due]
    if len(set(advances)) < len(advances) or len(set(debtor_suppliers)) < len(debtor_suppliers):
        raise CollectionError("Enter each advance, and the debt of each supplier, only once.")
    remaining = unallocated(collection=collection)
    parts = [
        part
        for target in targets
        for part in preview_allocation(target=_refreshed(target), currency=collection.currency)
    ]
    if sum((part.amount for part in parts), Decimal(0)) > remaining:
        raise CollectionError(f"Only {remaining:,.2f} {collection.currency} of this payment is left.")
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
    allocations: Sequence[CollectionAllocation], *, collection: Collection, by: User, at: datetime
) -> None:
    """Mark the advances collected that the payment paid in full, and e-mail the suppliers of the others."""
    for one in allocations:
        if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance is not None:
            collected_advance = collected.mark_collected(advance=one.advance, by=by, at=at)
            if collected_advance.status == Advance.Status.FUNDED:
                emails.partly_paid(advance=collected_advance, allocation=one)
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in allocations if one.advance is not None]
    )


def _refreshed(target: AllocationTarget) -> AllocationTarget:
    """The target with its advance read again under the lock."""
    if target.advance is None:
        return target
    return AllocationTarget(target.amount, advance=Advance.objects.select_related("invoice").get(pk=target.advance.pk))


def _lock_suppliers(targets: Sequence[AllocationTarget]) -> None:
    """Lock every supplier of the targets, in the order of their keys."""
    supplier_ids = {target.advance.supplier_id for target in targets if target.advance is not None}
    supplier_ids |= {target.supplier.pk for target in targets if target.supplier is not None}
    for supplier_id in sorted(supplier_ids):
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)


def _validated_amount(amount: Decimal, currency: str) -> Decimal:
    try:
        validated = validate_amount(amount, currency)
    except InvalidAmount as error:
        raise CollectionError(f"This is not an amount of money: {error}.") from error
    if validated <= 0:
        raise CollectionError("Enter an amount above zero.")
    return validated
