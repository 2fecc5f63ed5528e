"""Refunds: unapplied money of a payment goes back to who had paid it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from infactor.core import audit
from infactor.financing.accounting import references, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.collections import payments
from infactor.financing.collections.allocation import validated_amount
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Collection, Refund
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def refund(
    *,
    collection: Collection,
    amount: Decimal,
    payee: str,
    value_date: date,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None = None,
) -> Refund:
    """Send `amount` of what is unallocated of a payment back to `payee`, who paid it.

    Money that is allocated must be unmatched first. Raises NotAllowed, CollectionError, CorrectionError,
    InvalidValueDate, ApproverRequired.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    if not payee.strip():
        raise CorrectionError("Enter who gets the refund, and how.")
    with transaction.atomic():
        current, _ = payments.lock_with_allocations(collection=collection)
        validated = validated_amount(amount, current.currency)
        left = payments.unallocated(collection=current)
        if validated > left:
            raise CorrectionError(
                f"Only {left:,.2f} {current.currency} of this payment is not matched. Unmatch it first."
            )
        validate_value_date(value_date, at=at, not_before=current.value_date)
        records.require_approver(
            by=by, approver=approver, amount=validated, currency=current.currency, suppliers=(), at=at
        )
        made = Refund.objects.create(
            collection=current,
            amount=validated,
            value_date=value_date,
            payee=payee.strip()[:200],
            reason=reason.strip()[:300],
            sent_by=by,
            sent_at=at,
            approved_by=approver,
        )
        reversals.post_refund(refund=made, collection=current, context=PostingContext(value_date, at, by))
        audit.record(
            event="collection.refunded",
            subject=current,
            by=by,
            at=at,
            reason=reason,
            details={"refund": made.pk, "amount": f"{validated}", "approver": approver and approver.pk},
        )
        return made


def record_failure(*, refund: Refund, value_date: date, by: User, at: datetime, reason: str) -> Refund:
    """Record that a refund came back: its money waits to be matched, or to be refunded again.

    Raises NotAllowed, CollectionError, CorrectionError, InvalidValueDate.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current, _ = payments.lock_with_allocations(collection=refund.collection)
        failed = Refund.objects.select_for_update().get(pk=refund.pk)
        if failed.failed_on is not None:
            raise CorrectionError("The return of this refund is already recorded.")
        failed.failed_on = validate_value_date(value_date, at=at, not_before=failed.value_date)
        failed.save(update_fields=["failed_on"])
        (posted,) = references.in_force(owner=current.ledger_owner, step=f"refunded:{failed.pk}")
        reversals.undo(transaction=posted, at=at, by=by, description=reason, on=value_date)
        audit.record(
            event="collection.refund_failed",
            subject=current,
            by=by,
            at=at,
            reason=reason,
            details={"refund": failed.pk},
        )
        return failed
