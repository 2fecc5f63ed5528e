"""Corrections of advances: take back a settlement, a short payment, a repurchase or a write-off that was wrong."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core.business_day import business_day
from infactor.core.dates import format_day
from infactor.core.money import format_amount
from infactor.financing import locks
from infactor.financing.accounting import references, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import closing, collected, reopening
from infactor.financing.collections import payments
from infactor.financing.corrections import records
from infactor.financing.corrections.payment_corrections import unmatch_parts
from infactor.financing.corrections.records import CorrectionError, Kind
from infactor.financing.corrections.retargeting import targets_of
from infactor.financing.models import CLOSED_STATUSES, Advance, Collection, CollectionAllocation, Correction
from infactor.ledger.models import Transaction
from infactor.users import roles
from infactor.users.models import User

S = Advance.Status
KIND_BY_STATUS = {S.SETTLED: Kind.SETTLEMENT, S.REPURCHASED: Kind.REPURCHASE, S.WRITTEN_OFF: Kind.WRITE_OFF}
RECOVERED_KINDS = (CollectionAllocation.Kind.RECOVERY, CollectionAllocation.Kind.FEE, CollectionAllocation.Kind.COST)


def take_back_closing(
    *, advance: Advance, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Take back the settlement, the repurchase or the write-off of `advance`, whichever ended it.

    A settled one waits to be settled again, and its supplier owes the rebate until then. The others are outstanding
    again. What was recovered after a write-off pays the advance instead. Raises NotAllowed, CorrectionError,
    CollectionError, NoticeError, ApproverRequired.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.select_related("terms", "supplier", "invoice").get(pk=advance.pk)
        if current.status not in KIND_BY_STATUS:
            raise CorrectionError(_("It was not settled, bought back or written off: there is nothing to take back."))
        kind = KIND_BY_STATUS[S(current.status)]
        amount = closed_amount(advance=current)
        recovered, posted = _unmatch_recoveries(current, by=by, at=at, reason=reason)
        reopened, undone = reopening.reopen(advance=current, by=by, at=at, reason=reason)
        posted += undone
        for collection, allocations in recovered:
            posted += _match_again(collection, allocations, by=by, at=at)
        day = current.ended_on or business_day(at)
        posted += reversals.level_supplier(
            supplier_id=supplier.pk, currency=current.currency, context=PostingContext(day, at, by)
        )
        records.require_approver(
            by=by, approver=approver, amount=amount, currency=current.currency, suppliers=[supplier], at=at
        )
        reopened.refresh_from_db()
        return records.save(
            kind=kind,
            of=reopened,
            amount=amount,
            change=f"invoice {current.invoice} is {reopened.get_status_display().lower()} again",
            reason=reason,
            posted=posted,
            suppliers=[supplier],
            by=by,
            approver=approver,
            at=at,
        )


def take_back_short_payment(
    *, advance: Advance, reference: str, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Take back a short payment that was accepted, posted under `reference`: the buyer owes that amount again.

    Raises NotAllowed, CorrectionError, ApproverRequired.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.select_related("terms", "supplier", "invoice").get(pk=advance.pk)
        if current.status not in (S.FUNDED, *CLOSED_STATUSES):
            status = current.get_status_display().lower()
            raise CorrectionError(_("This advance is %(status)s: take that back first.") % {"status": status})
        found = {one.reference: one for one in accepted_short_payments(advance=current)}
        if reference not in found:
            raise CorrectionError(_("Choose a short payment that counts now."))
        short = found[reference]
        posted = [reversals.undo(transaction=short, at=at, by=by, description=reason)]
        if current.status in CLOSED_STATUSES:
            collected.reopen_collected(advance=current, by=by, at=at, reason=reason)
        posted += reversals.level_supplier(
            supplier_id=supplier.pk, currency=current.currency, context=PostingContext(short.value_date, at, by)
        )
        records.require_approver(
            by=by, approver=approver, amount=short.total, currency=current.currency, suppliers=[supplier], at=at
        )
        amount, since = format_amount(short.total, current.currency), format_day(short.effective_date)
        return records.save(
            kind=Kind.SHORT_PAYMENT,
            of=current,
            amount=short.total,
            change=f"{amount} of invoice {current.invoice}, short since {since}, is owed again",
            reason=reason,
            posted=posted,
            suppliers=[supplier],
            by=by,
            approver=approver,
            at=at,
        )


def accepted_short_payments(*, advance: Advance) -> list[Transaction]:
    """The postings of the short payments of `advance` that count, the first one first."""
    return list(references.in_force(owner=advance.ledger_owner, step="short"))


def closed_amount(*, advance: Advance) -> Decimal:
    """The amount that counts for a second person: all that the step that ended `advance` posted; 0 where nothing."""
    step = reopening.CLOSING_STEPS[S(advance.status)][0]
    return sum((one.total for one in references.in_force(owner=advance.ledger_owner, step=step)), Decimal(0))


def _unmatch_recoveries(
    advance: Advance, *, by: User, at: datetime, reason: str
) -> tuple[list[tuple[Collection, list[CollectionAllocation]]], list[Transaction]]:
    """Unmatch what was recovered of a written-off advance, with the surplus of it, and return what each payment had."""
    kinds = (*RECOVERED_KINDS, CollectionAllocation.Kind.PAYABLE)
    if advance.status != S.WRITTEN_OFF:
        return [], []
    rows = CollectionAllocation.objects.filter(advance=advance, kind__in=kinds, reversed_at__isnull=True)
    found: list[tuple[Collection, list[CollectionAllocation]]] = []
    posted: list[Transaction] = []
    for collection in Collection.objects.select_for_update().filter(pk__in=rows.values("collection")).order_by("pk"):
        mine = list(rows.filter(collection=collection).select_related("advance__invoice", "supplier"))
        posted += unmatch_parts(collection=collection, allocations=mine, by=by, at=at, reason=reason)
        found.append((collection, mine))
    return found, posted


def _match_again(
    collection: Collection, allocations: Sequence[CollectionAllocation], *, by: User, at: datetime
) -> list[Transaction]:
    """Match to the reopened advance what was recovered of it."""
    made = payments.allocate(collection=collection, targets=targets_of(allocations), by=by, at=at)
    reference = f"{collection.ledger_owner}:allocated:{made[0].position}"
    return list(Transaction.objects.filter(reference=reference))
