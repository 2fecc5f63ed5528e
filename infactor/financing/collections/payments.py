"""Payments from buyers: record each once, allocate it, and reverse it when the bank returns it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from infactor.banking import cash, matches, open_accounts
from infactor.banking.models import HouseAccount
from infactor.core import audit
from infactor.core.currencies import is_currency
from infactor.core.money import format_number
from infactor.financing import emails, locks
from infactor.financing.accounting import journal, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected
from infactor.financing.collections import look_alikes, sent_payments, undoing
from infactor.financing.collections.allocation import (
    AllocationPart,
    AllocationTarget,
    preview_allocation,
    validated_amount,
)
from infactor.financing.collections.incoming import AlreadyRecorded, CollectionError, IncomingPayment
from infactor.financing.collections.look_alikes import LooksRecorded
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, Collection, CollectionAllocation, Refund
from infactor.financing.value_dates import validate_value_date
from infactor.ledger.models import Transaction
from infactor.users import roles
from infactor.users.models import User

__all__ = [
    "AllocationPart",
    "AllocationTarget",
    "AlreadyRecorded",
    "CollectionError",
    "IncomingPayment",
    "LooksRecorded",
    "preview_allocation",
]
RECORD_COLLECTIONS = "financing.record_collections"
ZERO = Decimal("0.00")


def validate(*, payment: IncomingPayment, at: datetime) -> Decimal:
    """The amount of `payment` in cents. Raises CollectionError or InvalidValueDate where it cannot be recorded."""
    if not is_currency(payment.currency):
        raise CollectionError(f"{payment.currency or 'Nothing'} is no currency. Enter three capital letters, like USD.")
    amount = validated_amount(payment.amount, payment.currency)
    validate_value_date(payment.value_date, at=at, is_of_bank=payment.statement_line is not None)
    if not payment.bank_reference.strip():
        raise CollectionError(_("Enter the bank reference. It keeps a payment from being recorded twice."))
    return amount


def record(
    *,
    payment: IncomingPayment,
    targets: Sequence[AllocationTarget],
    by: User,
    at: datetime,
    is_another: bool = False,
) -> Collection:
    """Record a payment and allocate it as far as its targets are known. The rest stays unallocated.

    With its line of a statement, which then is in the books. `is_another`: somebody has said that it is none of its
    look-alikes. Raises NotAllowed, AlreadyRecorded, LooksRecorded, CollectionError, InvalidValueDate.
    """
    roles.require(by, RECORD_COLLECTIONS)
    amount = validate(payment=payment, at=at)
    line = payment.statement_line
    if line is None and (closed := open_accounts.all_closed(currency=payment.currency)):
        raise CollectionError(closed)
    with transaction.atomic():
        _lock_suppliers(targets)
        if line is not None:
            line = look_alikes.lock_open_line(line)
        try:
            with transaction.atomic():
                collection = replace(payment, statement_line=line).row(
                    amount=amount, by=by, at=at, is_another=is_another
                )
                collection.save(force_insert=True)
        except IntegrityError as error:
            if "collection_once" not in str(error):
                raise
            raise AlreadyRecorded(_("This payment is already recorded: same reference, date and amount.")) from error
        alike = look_alikes.find(
            candidate=candidate(payment=replace(payment, amount=amount), targets=targets), excluding=[collection.pk]
        )
        if alike and not is_another:
            raise LooksRecorded(alike)
        posted, allocations = post_and_allocate(collection=collection, targets=targets, by=by, at=at)
        if line is not None:
            matches.link(line=line, entries=cash.entries_of(transaction=posted, account=line.account), by=by, at=at)
        details: dict[str, object] = {"parts": len(allocations)}
        if alike:
            details["unlike"] = [one.collection.pk for one in alike if one.collection is not None]
        audit.record(event="collection.recorded", subject=collection, by=by, at=at, details=details)
        return collection


def candidate(*, payment: IncomingPayment, targets: Sequence[AllocationTarget]) -> look_alikes.Candidate:
    """What the look-alikes of `payment` are found by."""
    return look_alikes.Candidate(
        currency=payment.currency,
        amount=payment.amount,
        value_date=payment.value_date,
        bank_reference=payment.bank_reference,
        payer=payment.payer,
        remittance=payment.remittance,
        advance_ids=[target.advance.pk for target in targets if target.advance is not None],
        line=payment.statement_line,
    )


def post_and_allocate(
    *,
    collection: Collection,
    targets: Sequence[AllocationTarget],
    by: User,
    at: datetime,
    account: HouseAccount | None = None,
) -> tuple[Transaction, list[CollectionAllocation]]:
    """Post a payment that is not in the ledger, allocated to `targets`. The caller has locked their suppliers.

    `account`: the house account that it reached; None: that of its line, else the default one.
    """
    allocations = _allocate(collection, targets, by=by, at=at)
    context = PostingContext(collection.value_date, at, by)
    posted = journal.post_collection(collection=collection, allocations=allocations, context=context, account=account)
    _apply_to_advances(allocations, by=by, at=at)
    sent_payments.mark_received(collection=collection, allocations=allocations, by=by, at=at)
    return posted, allocations


def allocate(
    *, collection: Collection, targets: Sequence[AllocationTarget], by: User, at: datetime
) -> list[CollectionAllocation]:
    """Allocate more of a payment. Raises NotAllowed, CollectionError (returned, or not enough left)."""
    roles.require(by, RECORD_COLLECTIONS)
    with transaction.atomic():
        _lock_suppliers(targets)
        current = Collection.objects.select_for_update().get(pk=collection.pk)
        if current.withdrawn_at is not None:
            raise CollectionError(_("This payment was withdrawn: it was none."))
        if current.returned_on is not None:
            raise CollectionError(_("The bank returned this payment."))
        if not targets:
            raise CollectionError(_("Choose what it is for."))
        allocations = _allocate(current, targets, by=by, at=at)
        journal.post_allocation(
            collection=current, allocations=allocations, context=PostingContext(current.value_date, at, by)
        )
        audit.record(event="collection.allocated", subject=current, by=by, at=at, details={"parts": len(allocations)})
        _apply_to_advances(allocations, by=by, at=at)
        sent_payments.mark_received(collection=current, allocations=allocations, by=by, at=at)
        return allocations


def lock_with_allocations(*, collection: Collection) -> tuple[Collection, list[CollectionAllocation]]:
    """Lock a payment and every supplier that it concerns, and return it with its allocations in force.

    Raises CollectionError if the bank returned it, if it was withdrawn, or if it was allocated to another supplier
    meanwhile.
    """
    allocated = CollectionAllocation.objects.filter(collection=collection)
    supplier_ids = set(allocated.values_list("supplier_id", flat=True))
    for supplier_id in sorted(supplier_ids):
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)
    current = Collection.objects.select_for_update().get(pk=collection.pk)
    if current.withdrawn_at is not None:
        raise CollectionError(_("This payment was withdrawn: it was none."))
    if current.returned_on is not None:
        raise CollectionError(_("The return of this payment is already recorded."))
    if allocated.exclude(supplier__in=supplier_ids).exists():
        # Its supplier is not locked: the money could be remitted while the payment is reversed.
        raise CollectionError(_("This payment was allocated in the meantime. Check it again."))
    rows = allocated.filter(reversed_at__isnull=True).select_related("advance__invoice", "supplier")
    return current, list(rows.order_by("position"))


def record_return(
    *, collection: Collection, value_date: date, reason: str, by: User, at: datetime, is_of_bank: bool = False
) -> Collection:
    """Record that the bank returned a payment, and reverse everything that followed from it.

    Raises NotAllowed, CollectionError, InvalidValueDate, AccountClosed.
    """
    roles.require(by, RECORD_COLLECTIONS)
    if not reason.strip():
        raise CollectionError(_("Enter the reason that the bank gave."))
    with transaction.atomic():
        current, allocations = lock_with_allocations(collection=collection)
        if refunded(collection=current):
            raise CollectionError(_("A part of this payment was refunded: the bank cannot have returned all of it."))
        validate_value_date(value_date, at=at, not_before=current.value_date, is_of_bank=is_of_bank)
        current.returned_on, current.returned_by, current.return_reason = value_date, by, reason[:300]
        current.save()
        audit.record(event="collection.returned", subject=current, by=by, at=at, reason=reason)
        reversals.undo_collection(
            collection=current, at=at, by=by, description="Payment returned by the bank", on=value_date
        )
        undoing.undo(collection=current, allocations=allocations, by=by, at=at, reason=reason, on=value_date)
        for advance, amount in _amounts_by_advance(allocations):
            emails.payment_returned(advance=advance, amount=amount, collection=current, reason=reason)
        return current


def refunded(*, collection: Collection) -> Decimal:
    """How much of a payment went back to its payer."""
    rows = Refund.objects.filter(collection=collection, failed_on__isnull=True)
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


def unallocated(*, collection: Collection) -> Decimal:
    """How much of a payment is neither allocated nor refunded, in its currency."""
    if not collection.counts:
        return ZERO
    rows = CollectionAllocation.objects.filter(collection=collection, reversed_at__isnull=True)
    allocated: Decimal = rows.aggregate(sum=Sum("amount"))["sum"] or ZERO
    return collection.amount - allocated - refunded(collection=collection)


def _allocate(
    collection: Collection, targets: Sequence[AllocationTarget], *, by: User, at: datetime
) -> list[CollectionAllocation]:
    advances = [target.advance.pk for target in targets if target.advance is not None]
    debtor_suppliers = [target.supplier.pk for target in targets if target.supplier is not None and target.is_due]
    if len(set(advances)) < len(advances) or len(set(debtor_suppliers)) < len(debtor_suppliers):
        raise CollectionError(_("Enter each advance, and the debt of each supplier, only once."))
    remaining = unallocated(collection=collection)
    parts = [
        part
        for target in targets
        for part in preview_allocation(target=_refreshed(target), currency=collection.currency)
    ]
    if sum((part.amount for part in parts), Decimal(0)) > remaining:
        raise CollectionError(
            _("Only %(remaining)s %(currency)s of this payment is left.")
            % {"remaining": format_number(remaining, places=2), "currency": collection.currency}
        )
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


def _apply_to_advances(allocations: Sequence[CollectionAllocation], *, by: User, at: datetime) -> None:
    """Mark the advances collected that the payment paid in full, and email the suppliers of the others."""
    for one in allocations:
        if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance is not None:
            collected_advance = collected.mark_collected(advance=one.advance, by=by, at=at)
            if collected_advance.status == Advance.Status.FUNDED:
                emails.partly_paid(advance=collected_advance, allocation=one)
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in allocations if one.advance is not None]
    )


def _amounts_by_advance(allocations: Sequence[CollectionAllocation]) -> list[tuple[Advance, Decimal]]:
    """The advances that these allocations had paid, as they are now, each with the amount."""
    amounts: dict[int, Decimal] = {}
    for one in allocations:
        if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance_id is not None:
            amounts[one.advance_id] = amounts.get(one.advance_id, ZERO) + one.amount
    rows = Advance.objects.select_related("invoice").in_bulk(amounts)
    return [(rows[pk], amount) for pk, amount in amounts.items()]


def _refreshed(target: AllocationTarget) -> AllocationTarget:
    """The target with its advance read again under the lock."""
    if target.advance is None:
        return target
    rows = Advance.objects.select_related("invoice", "terms")
    return AllocationTarget(target.amount, advance=rows.get(pk=target.advance.pk))


def _lock_suppliers(targets: Sequence[AllocationTarget]) -> None:
    """Lock every supplier of the targets, in the order of their keys."""
    supplier_ids = {target.advance.supplier_id for target in targets if target.advance is not None}
    supplier_ids |= {target.supplier.pk for target in targets if target.supplier is not None}
    for supplier_id in sorted(supplier_ids):
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)
