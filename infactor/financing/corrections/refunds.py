"""Refunds: unapplied money of a payment goes back to who had paid it, as a payout to an account that staff enter."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from infactor.core import audit
from infactor.core.money import format_number
from infactor.financing import payouts
from infactor.financing.accounting import reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.collections import payments
from infactor.financing.collections.allocation import validated_amount
from infactor.financing.corrections import payee_accounts, records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Collection, PayeeAccount, Refund
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def refund(
    *,
    collection: Collection,
    amount: Decimal,
    account: PayeeAccount,
    value_date: date,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None = None,
) -> Refund:
    """Prepare the payout of `amount` of what is unallocated of a payment back to the `account` of who paid it.

    Money that is allocated must be unmatched first. With an `approver` the payout is approved, so its account must be
    confirmed. Raises NotAllowed, CollectionError, CorrectionError, InvalidValueDate, ApproverRequired.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current, _ = payments.lock_with_allocations(collection=collection)
        validated = validated_amount(amount, current.currency)
        left = payments.unallocated(collection=current)
        if validated > left:
            raise CorrectionError(
                gettext("Only %(left)s %(currency)s of this payment is not matched. Unmatch it first.")
                % {"left": format_number(left, places=2), "currency": current.currency}
            )
        validate_value_date(value_date, at=at, not_before=current.value_date)
        records.require_approver(
            by=by, approver=approver, amount=validated, currency=current.currency, suppliers=(), at=at
        )
        payout = payouts.create_refund(
            account=account if approver is None else payee_accounts.lock_confirmed(account=account),
            currency=current.currency,
            amount=validated,
            value_date=value_date,
            by=by,
            at=at,
            approver=approver,
        )
        made = Refund.objects.create(
            collection=current,
            amount=validated,
            value_date=value_date,
            reason=reason.strip()[:300],
            payout=payout,
        )
        reversals.post_refund(payout=payout, collection=current, context=PostingContext(value_date, at, by))
        audit.record(
            event="collection.refunded",
            subject=current,
            by=by,
            at=at,
            reason=reason,
            details={
                "refund": made.pk,
                "payout": payout.pk,
                "amount": f"{validated}",
                "approver": approver and approver.pk,
            },
        )
        return made
