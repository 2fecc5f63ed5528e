"""Refunds: unapplied money of a payment goes back to who had paid it, as a payout to an account that staff enter."""

from dataclasses import dataclass, field
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
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Collection, PayeeAccount, Refund
from infactor.financing.value_dates import validate_value_date
from infactor.suppliers import bank_numbers
from infactor.suppliers.countries import countries
from infactor.users import roles
from infactor.users.models import User


@dataclass(frozen=True)
class PayeeDetails:
    """The account of a payer as staff entered it. Its repr shows no number."""

    holder: str
    bank_name: str
    country: str
    account_number: str = field(repr=False)
    routing_number: str = field(repr=False, default="")


def enter_account(*, details: PayeeDetails, by: User, at: datetime) -> PayeeAccount:
    """Keep the account of a payer that staff typed, encrypted. Raises NotAllowed, CorrectionError."""
    roles.require(by, payments.RECORD_COLLECTIONS)
    if not details.holder.strip() or not details.bank_name.strip():
        raise CorrectionError(gettext("Enter the account holder and the bank."))
    if details.country not in countries():
        raise CorrectionError(gettext("Choose the country of the bank from the list."))
    try:
        numbers = bank_numbers.parse(
            country=details.country, account_number=details.account_number, routing_number=details.routing_number
        )
    except bank_numbers.InvalidBankNumber as error:
        raise CorrectionError(str(error)) from error
    return PayeeAccount.objects.create(
        holder=details.holder.strip()[:140],
        bank_name=details.bank_name.strip()[:140],
        country=numbers.country,
        account_number=numbers.account,
        routing_number=numbers.routing,
        last4=numbers.last4,
        fingerprint=numbers.fingerprint,
        entered_by=by,
        entered_at=at,
    )


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

    Money that is allocated must be unmatched first. Raises NotAllowed, CollectionError, CorrectionError,
    InvalidValueDate, ApproverRequired.
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
            account=account,
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
