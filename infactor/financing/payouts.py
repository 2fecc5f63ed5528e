"""Payouts to suppliers: prepare one to the account in use, remit a surplus, and prepare again what did not arrive.

A payout is a decision. It leaves once a second person has approved it and a file for the bank holds it
(`financing.money_out`), and the statement says when it has left.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.money import InvalidAmount, format_number, validate_amount
from infactor.core.transitions import Transitions, move
from infactor.financing import dual_control, emails, locks, netting, purchase_blockers
from infactor.financing.accounting import balances, journal, reversals, transit
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.models import (
    NOT_ARRIVED,
    Advance,
    Netting,
    PayeeAccount,
    Payout,
)
from infactor.financing.notices import issuance
from infactor.financing.value_dates import validate_value_date
from infactor.ledger.models import Purpose
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

PREPARE_PAYOUTS = "financing.fund_advances"
# Stricter than PAYOUT_TRANSITIONS: of what did not arrive only.
RESEND_TRANSITIONS = Transitions(
    field="status", allowed=dict.fromkeys(NOT_ARRIVED, (Payout.Status.REPLACED, Payout.Status.CANCELLED))
)


class PayoutError(Exception):
    """No money was moved. The message says why."""


def create(
    *,
    supplier: Supplier,
    purpose: str,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None = None,
    advance: Advance | None = None,
    replaces: Payout | None = None,
    without_netting: bool = False,
) -> Payout:
    """Create the row of a payout, for the posting of the caller. With an `approver`, the second person, it is approved.

    `without_netting`: nothing that the supplier owes was to be deducted from it.

    Raises PayoutError if the supplier has no confirmed bank account in the currency.
    """
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    if account is None:
        raise PayoutError(
            _("%(supplier)s has no confirmed bank account for %(currency)s.")
            % {"supplier": supplier, "currency": currency}
        )
    return Payout.objects.create(
        supplier=supplier,
        purpose=purpose,
        advance=advance,
        bank_account=account,
        currency=currency,
        amount=amount,
        value_date=value_date,
        prepared_by=by,
        prepared_at=at,
        **_approval(approver, at=at),
        replaces=replaces,
        without_netting=without_netting,
    )


def create_refund(
    *,
    account: PayeeAccount,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None,
) -> Payout:
    """Create the row of a refund to a payer, for the posting of the caller. With an `approver`, it is approved."""
    return Payout.objects.create(
        purpose=Payout.Purpose.REFUND,
        payee_account=account,
        currency=currency,
        amount=amount,
        value_date=value_date,
        prepared_by=by,
        prepared_at=at,
        **_approval(approver, at=at),
    )


def remit(
    *,
    supplier: Supplier,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None = None,
    with_netting: bool | None = None,
) -> Payout | None:
    """Remit `amount` of the surplus that infactor holds for the supplier. None where its debt takes all of it.

    A surplus is an overpayment, or the payment of an invoice that is not financed. What the supplier owes is deducted
    `with_netting`; None: if today's terms allow it. Raises NotAllowed, PayoutError,
    ApproverRequired, InvalidValueDate.
    """
    roles.require(by, PREPARE_PAYOUTS)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=supplier.pk)
        surplus = balances.supplier_balance(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency
        )
        try:
            amount = validate_amount(amount, currency)
        except InvalidAmount as error:
            raise PayoutError(_("This is not an amount of money: %(error)s.") % {"error": error}) from error
        if not 0 < amount <= surplus:
            raise PayoutError(
                _("The surplus to remit is %(surplus)s %(currency)s.")
                % {"surplus": format_number(surplus, places=2), "currency": currency}
            )
        # The whole surplus counts: it cannot be remitted in parts to avoid a second person.
        dual_control.require_approver_for_payout(
            by=by, approver=approver, amount=surplus, supplier=supplier, currency=currency, at=at
        )
        validate_value_date(value_date, at=at)
        if with_netting is None:
            terms = dual_control.current_terms(supplier=supplier, currency=currency, at=at)
            with_netting = netting.is_default(terms=terms, source=Netting.Source.SURPLUS)
        netted = netting.amount_to_net(out=amount, supplier_id=supplier.pk, currency=currency, nets=with_netting)
        row = netting.record(
            source=Netting.Source.SURPLUS,
            supplier=supplier,
            currency=currency,
            amount=netted,
            value_date=value_date,
            by=by,
            at=at,
        )
        if row is not None:
            reversals.post_netting(netting=row, context=PostingContext(value_date, at, by))
            audit.record(
                event="payout.netted",
                subject=supplier,
                by=by,
                at=at,
                supplier_id=supplier.pk,
                details={"amount": f"{netted}", "currency": currency},
            )
            if amount == netted:
                emails.surplus_netted(netting=row)
                return None
        payout = create(
            supplier=supplier,
            purpose=Payout.Purpose.SURPLUS,
            currency=currency,
            amount=amount - netted,
            value_date=value_date,
            by=by,
            at=at,
            approver=approver,
            without_netting=not with_netting,
        )
        journal.post_remittance(payout=payout, supplier_id=supplier.pk, context=PostingContext(value_date, at, by))
        audit.record(event="payout.remitted", subject=payout, by=by, at=at, supplier_id=supplier.pk)
        emails.surplus_remitted(payout=payout, netted=netted)
        return payout


def resend(
    *,
    payout: Payout,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None = None,
    with_netting: bool | None = None,
) -> Payout:
    """Prepare again a payout that did not arrive, to the account now in use, and return the new payout.

    What the supplier owes now is deducted `with_netting`; None: if the terms allow it, as with the first. Where that
    takes all of it, the old payout is cancelled and returned. An advance is bought by it, so its invoice must still be
    open in the books, and the buyer gets a new notice. Raises NotAllowed, PayoutError, ApproverRequired,
    InvalidValueDate, and TransitionNotAllowed if it was prepared again.
    """
    roles.require(by, PREPARE_PAYOUTS)
    if payout.supplier_id is None:
        raise PayoutError(_("Only payouts to suppliers are prepared again. Make a refund again from its payment."))
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=payout.supplier_id)
        if payout.advance is not None and payout.purpose == Payout.Purpose.ADVANCE:
            _require_fundable(payout.advance, at=at)
        dual_control.require_approver_for_payout(
            by=by, approver=approver, amount=payout.amount, supplier=supplier, currency=payout.currency, at=at
        )
        nets = netting.is_default_again(payout=payout, at=at) if with_netting is None else with_netting
        when: Any = {"value_date": value_date, "by": by, "at": at}
        given = when | {"supplier": supplier, "advance": payout.advance, "currency": payout.currency}
        netted = netting.amount_to_net(out=payout.amount, supplier_id=supplier.pk, currency=payout.currency, nets=nets)
        is_whole = netted == payout.amount
        replaced = move(
            payout,
            to=Payout.Status.CANCELLED if is_whole else Payout.Status.REPLACED,
            transitions=RESEND_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=payout.supplier_id,
        )
        validate_value_date(value_date, at=at, not_before=replaced.failed_on)
        context = PostingContext(value_date, at, by)
        if row := netting.record(source=Netting.Source(payout.purpose), amount=netted, payout=replaced, **given):
            reversals.post_netting(netting=row, context=context)
        resent = replaced
        if not is_whole:
            resent = create(
                purpose=payout.purpose,
                amount=payout.amount - netted,
                approver=approver,
                replaces=replaced,
                without_netting=not nets,
                **given,
            )
            transit.post_moved(from_payout=replaced, to_payout=resent, context=context)
        unpaid = unpaid_advance(resent)
        if unpaid is not None:
            issuance.send(advance=unpaid, bought_on=value_date, by=by, at=at)
        emails.payout_resent(payout=resent, is_purchase=unpaid is not None, netted=netted, is_whole=is_whole)
        return resent


def put_back(*, payout: Payout, reason: str, by: User, at: datetime) -> Payout:
    """Hold a surplus that did not arrive for the supplier again: it can be remitted anew, in parts or whole.

    Raises NotAllowed, PayoutError, and TransitionNotAllowed if it is over.
    """
    roles.require(by, PREPARE_PAYOUTS)
    if payout.purpose != Payout.Purpose.SURPLUS or payout.supplier_id is None:
        raise PayoutError(_("Only a surplus is put back. Anything else belongs to an advance or a payment."))
    if not reason.strip():
        raise PayoutError(_("Enter why it is put back."))
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=payout.supplier_id)
        cancelled = move(
            payout,
            to=Payout.Status.CANCELLED,
            transitions=RESEND_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=payout.supplier_id,
            reason=reason,
        )
        day = max(business_day(at), cancelled.failed_on or cancelled.value_date)
        reversals.post_put_back(payout=cancelled, supplier_id=payout.supplier_id, context=PostingContext(day, at, by))
        return cancelled


def _approval(approver: User | None, *, at: datetime) -> dict[str, object]:
    """The columns of a new payout that say whether a second person was part of the decision."""
    if approver is None:
        return {"status": Payout.Status.PREPARED}
    return {"status": Payout.Status.APPROVED, "approved_by": approver, "approved_at": at}


def _require_fundable(advance: Advance, *, at: datetime) -> None:
    """An advance that never arrived is still to be funded: whatever blocks financing blocks it too."""
    [current] = purchase_blockers.read({advance.pk})
    blockers = purchase_blockers.of_advances(advances=[current], on=business_day(at), gives_notice=True)[current.pk]
    if blockers:
        raise PayoutError(" ".join(blockers))


def unpaid_advance(payout: Payout) -> Advance | None:
    """The advance that `payout` pays out, if its buyer still owes it; None for any other payout."""
    if payout.advance_id is None or payout.purpose != Payout.Purpose.ADVANCE:
        return None
    rows = Advance.objects.select_related("supplier", "invoice", "offer_line__offer__acceptance")
    return rows.filter(pk=payout.advance_id, status=Advance.Status.FUNDED).first()
