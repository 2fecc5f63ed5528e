"""Money out: each payout is a row, goes to the account that is in use now, and can fail and be tried again."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import dual_control, emails, locks
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import When
from infactor.financing.models import DISBURSEMENT_MOVES, OUT, Advance, Disbursement
from infactor.financing.value_dates import checked
from infactor.ledger.models import Purpose
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

PAY = "financing.fund_advances"


class PayoutRefused(Exception):
    """No money was moved; the message says why."""


def write(
    *,
    supplier: Supplier,
    purpose: str,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    second: User | None = None,
    advance: Advance | None = None,
    replaces: Disbursement | None = None,
) -> Disbursement:
    """The row of a payout, for the caller's posting. Raises PayoutRefused where there is no account to pay to.

    `second` is who approved it, where somebody did.
    """
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    if account is None:
        raise PayoutRefused(f"{supplier} has no confirmed bank account for {currency}.")
    return Disbursement.objects.create(
        supplier=supplier,
        purpose=purpose,
        advance=advance,
        bank_account=account,
        currency=currency,
        amount=amount,
        value_date=value_date,
        sent_by=by,
        sent_at=at,
        approved_by=second,
        replaces=replaces,
    )


def pass_on(
    *,
    supplier: Supplier,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    second: User | None = None,
) -> Disbursement:
    """Pay `amount` of what belongs to the supplier (an overpayment, a payment of an invoice that is not financed)."""
    roles.require(by, PAY)
    with transaction.atomic():
        supplier = locks.hold(supplier_id=supplier.pk)
        held = journal.of_supplier(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency)
        if not 0 < amount <= held:
            raise PayoutRefused(f"There are {held:,.2f} {currency} to be passed on.")
        # All that could be passed on counts: no sum gets past two people in parts.
        dual_control.require_for_payout(by=by, second=second, amount=held, supplier=supplier, currency=currency, at=at)
        payout = write(
            supplier=supplier,
            purpose=Disbursement.Purpose.PASS_ON,
            currency=currency,
            amount=amount,
            value_date=checked(value_date, at=at),
            by=by,
            at=at,
            second=second,
        )
        journal.passed_on(payout=payout, when=When(value_date, at, by))
        audit.record(event="payout.passed_on", subject=payout, by=by, at=at, supplier_id=supplier.pk)
        emails.passed_on(payout=payout)
        return payout


def fail(*, payout: Disbursement, value_date: date, reason: str, by: User, at: datetime) -> Disbursement:
    """The bank sent a payout back: the money is here again, and still the supplier's."""
    roles.require(by, PAY)
    if not reason.strip():
        raise PayoutRefused("Say what the bank said.")
    with transaction.atomic():
        locks.hold(supplier_id=payout.supplier_id)
        failed = move(
            payout,
            to=Disbursement.Status.FAILED,
            moves=DISBURSEMENT_MOVES,
            by=by,
            at=at,
            supplier_id=payout.supplier_id,
            reason=reason,
            changes={"failed_on": checked(value_date, at=at, not_before=payout.value_date), "failure": reason[:300]},
        )
        journal.came_back(payout=failed, when=When(value_date, at, by))
        emails.payout_failed(payout=failed)
        return failed


def send_again(
    *, payout: Disbursement, value_date: date, by: User, at: datetime, second: User | None = None
) -> Disbursement:
    """Pay a failed payout once more, to the account that is in use now. The new payout is returned."""
    roles.require(by, PAY)
    with transaction.atomic():
        supplier = locks.hold(supplier_id=payout.supplier_id)
        if payout.advance is not None and payout.purpose == Disbursement.Purpose.ADVANCE:
            _require_fundable(payout.advance, currency=payout.currency)
        dual_control.require_for_payout(
            by=by, second=second, amount=payout.amount, supplier=supplier, currency=payout.currency, at=at
        )
        replaced = move(
            payout,
            to=Disbursement.Status.REPLACED,
            moves=DISBURSEMENT_MOVES,
            by=by,
            at=at,
            supplier_id=payout.supplier_id,
        )
        journal.sent_again(
            failed=replaced, when=When(checked(value_date, at=at, not_before=replaced.failed_on), at, by)
        )
        again = write(
            supplier=supplier,
            purpose=payout.purpose,
            currency=payout.currency,
            amount=payout.amount,
            value_date=value_date,
            by=by,
            at=at,
            second=second,
            advance=payout.advance,
            replaces=replaced,
        )
        emails.sent_again(payout=again)
        return again


def _require_fundable(advance: Advance, *, currency: str) -> None:
    """An advance that never arrived is still to be funded, as long as it is out: what stops that stops this."""
    is_out = Advance.objects.filter(pk=advance.pk, status__in=OUT).exists()
    if is_out and (blockers := financing_status.blockers(supplier=advance.supplier, currency=currency)):
        raise PayoutRefused(" ".join(blockers))
