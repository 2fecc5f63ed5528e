"""Payouts that do not arrive: stopped before they were sent, or returned by the bank. They are owed all the same."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.banking import cash, matches
from infactor.banking.models import StatementLine
from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.money import format_number
from infactor.core.transitions import move
from infactor.financing import dual_control, emails, locks, micro_deposits, staff_emails
from infactor.financing.accounting import reversals, transit
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.models import PAYOUT_TRANSITIONS, Collection, Notice, Payout
from infactor.financing.money_out import return_codes
from infactor.financing.money_out.approval import lock
from infactor.financing.notices import releases
from infactor.financing.payouts import PREPARE_PAYOUTS, PayoutError, unpaid_advance
from infactor.financing.value_dates import validate_value_date
from infactor.suppliers import bank_accounts
from infactor.users import roles
from infactor.users.models import User

Status = Payout.Status


def stop(*, payout: Payout, reason: str, by: User, at: datetime) -> Payout:
    """Stop a payout that was not sent. It is still owed, and can be prepared again; nothing is bought until then.

    Whoever prepares payouts may, and whoever approves them. Raises NotAllowed, PayoutError, and TransitionNotAllowed if
    it was sent meanwhile.
    """
    if not by.has_perm(PREPARE_PAYOUTS):
        roles.require(by, dual_control.APPROVE_MONEY_OUT)
    else:
        roles.require(by, PREPARE_PAYOUTS)
    if not reason.strip():
        raise PayoutError(_("Enter why it is stopped."))
    with transaction.atomic():
        current = lock_with_payee(payout)
        day = max(current.value_date, business_day(at))
        stopped = move(
            current,
            to=Status.STOPPED,
            transitions=PAYOUT_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=current.supplier_id,
            reason=reason,
            changes={"failed_on": day, "failure_reason": reason.strip()[:300], "batch": None},
        )
        return _after(stopped, context=PostingContext(day, at, by))


def record_return(
    *,
    payout: Payout,
    code: str,
    reason: str,
    by: User,
    at: datetime,
    line: StatementLine | None = None,
    value_date: date | None = None,
) -> Payout:
    """Record that the bank returned a payout, with its `code` or a `reason` in words. It is owed, and not on its way.

    With the `line` of the credit if the bank had debited it; without one on the day `value_date` if it never did, which
    posts nothing. A code that says that the account is gone suspends the account. Raises NotAllowed, PayoutError,
    BankingError, InvalidValueDate, and TransitionNotAllowed if it was not sent or is returned already.
    """
    roles.require(by, PREPARE_PAYOUTS)
    code = code.strip().upper()
    if code and code not in return_codes.WORDS:
        raise PayoutError(
            _("“%(code)s” is no code that is known. Leave it empty, and enter the bank's reason in words.")
            % {"code": code}
        )
    said = reason.strip() or return_codes.in_words(code)
    if not said:
        raise PayoutError(_("Enter the code or the reason that the bank gave."))
    with transaction.atomic():
        current = lock_with_payee(payout)
        if line is not None:
            line = matches.lock_open(line=line)
            _require_fits(current, line)
            day = line.booking_date
        elif current.debited_on is not None:
            raise PayoutError(
                _("The bank has debited %(current)s: its return is a line of a statement. Accept that line.")
                % {"current": current}
            )
        elif value_date is None:
            raise PayoutError(_("Enter the day on which the bank refused it."))
        else:
            day = validate_value_date(value_date, at=at, not_before=current.value_date)
        context = PostingContext(day, at, by)
        is_known = line is not None and current.status in (Status.RETURNED, Status.REPLACED, Status.CANCELLED)
        if line is not None:
            current.credit_line, current.credited_on = line, day
            current.came_back_late = is_known
        if is_known:
            current.save(update_fields=["credit_line", "credited_on", "came_back_late", "updated_at"])
            audit.record(
                event="payout.credited", subject=current, by=by, at=at, supplier_id=current.supplier_id, reason=said
            )
            returned = current
        else:
            returned = move(
                current,
                to=Status.RETURNED,
                transitions=PAYOUT_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=current.supplier_id,
                reason=said,
                changes={
                    "failed_on": day,
                    "failure_reason": said[:300],
                    "return_code": code,
                    "credit_line": line,
                    "credited_on": None if line is None else day,
                },
            )
        if line is not None:
            posted = transit.post_credit(of=returned, line=line, context=context)
            matches.link(line=line, entries=cash.entries_of(transaction=posted, account=line.account), by=by, at=at)
        if is_known:
            return returned
        if code in return_codes.SUSPENDING and returned.bank_account is not None:
            bank_accounts.suspend(account=returned.bank_account, because=return_codes.in_words(code), by=by, at=at)
        staff_emails.payout_returned_for_staff(payout=returned)
        return _after(returned, context=context)


def lock_with_payee(payout: Payout) -> Payout:
    """Lock whom it is for, then the payout, and return it as it is now."""
    if payout.supplier_id is not None:
        locks.lock_supplier_and_debtors(supplier_id=payout.supplier_id)
    elif payout.bank_account is not None:
        locks.lock_supplier_and_debtors(supplier_id=payout.bank_account.supplier_id)
    else:
        Collection.objects.select_for_update().get(refunds__payout=payout)
    return lock(payout_ids=[payout.pk])[0]


def _require_fits(payout: Payout, line: StatementLine) -> None:
    """Raise PayoutError unless `line` can be the credit with which the bank gave `payout` back."""
    if payout.batch is None or payout.batch.house_account_id != line.account_id:
        raise PayoutError(_("%(payout)s did not leave %(account)s.") % {"payout": payout, "account": line.account})
    if line.amount != payout.amount:
        raise PayoutError(
            _("%(payout)s is %(amount)s, the line %(amount_2)s.")
            % {
                "payout": payout,
                "amount": format_number(payout.amount, places=2),
                "amount_2": format_number(line.amount, places=2),
            }
        )
    if payout.debited_on is None:
        raise PayoutError(
            _("No statement has the debit of %(payout)s yet. Match that line first.") % {"payout": payout}
        )
    if payout.credited_on is not None:
        raise PayoutError(
            _("%(payout)s came back on %(credited_on)s already.")
            % {"payout": payout, "credited_on": payout.credited_on}
        )


def _after(payout: Payout, *, context: PostingContext) -> Payout:
    """What follows when a payout did not arrive: for whom it was, and for the buyer whose invoice it was to buy."""
    by, at = context.by, context.at
    if payout.purpose == Payout.Purpose.MICRO_DEPOSIT:
        micro_deposits.after_failure(payout=payout, context=context)
        return _cancel(payout, context=context)
    if payout.supplier is None:
        return _put_back_refund(payout, context=context)
    if payout.reclaimed_on is not None:
        # The supplier owed it since its settlement was undone: now neither owes the other anything.
        reversals.post_reclaim_ended(payout=payout, supplier_id=payout.supplier.pk, context=context)
        reversals.level_supplier(supplier_id=payout.supplier.pk, currency=payout.currency, context=context)
        return _cancel(payout, context=context)
    unpaid = unpaid_advance(payout)
    if unpaid is not None:
        releases.release(advance=unpaid, reason=Notice.ReleaseReason.PAYOUT_FAILED, by=by, at=at)
    emails.payout_failed(payout=payout, is_purchase=unpaid is not None)
    return payout


def _put_back_refund(payout: Payout, *, context: PostingContext) -> Payout:
    """The money of a refund waits at its payment again, to be matched or to be refunded to another account."""
    refund = payout.refund
    reversals.undo_refund(
        payout=payout, collection=refund.collection, at=context.at, by=context.by, on=context.value_date
    )
    refund.failed_on = context.value_date
    refund.save(update_fields=["failed_on"])
    audit.record(
        event="collection.refund_failed",
        subject=refund.collection,
        by=context.by,
        at=context.at,
        reason=payout.failure_reason,
        details={"refund": refund.pk, "payout": payout.pk},
    )
    return _cancel(payout, context=context)


def _cancel(payout: Payout, *, context: PostingContext) -> Payout:
    return move(
        payout,
        to=Status.CANCELLED,
        transitions=PAYOUT_TRANSITIONS,
        by=context.by,
        at=context.at,
        supplier_id=payout.supplier_id,
        reason=payout.failure_reason,
    )
