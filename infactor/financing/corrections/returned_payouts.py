"""A return of a payout that was none: another line was accepted for it. The payout has arrived, and is not owed."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.banking import matches
from infactor.banking.models import StatementLine
from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import emails
from infactor.financing.accounting import micro_deposit_postings, references, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.collections import payments
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import PAYOUT_TRANSITIONS, Collection, Correction, Payout
from infactor.financing.money_out import endings
from infactor.financing.notices import issuance
from infactor.financing.payouts import PREPARE_PAYOUTS, unpaid_advance
from infactor.ledger.models import Transaction
from infactor.users import roles
from infactor.users.models import User

Status = Payout.Status


def take_back(*, line: StatementLine, by: User, at: datetime, reason: str) -> Payout:
    """Say that a credit was not the return of a payout: all that followed is undone, and the line is open again.

    A buyer that was told to pay the supplier gets a new notice. An account that was suspended stays so until staff
    confirm it. Raises NotAllowed, CorrectionError, and NoticeError where the buyer cannot be given a notice.
    """
    roles.require(by, PREPARE_PAYOUTS)
    records.require_reason(reason)
    with transaction.atomic():
        found = Payout.objects.filter(credit_line=line).first()
        if found is None:
            raise CorrectionError(_("No payout came back by this line."))
        current = endings.lock_with_payee(found)
        if current.credit_line_id != line.pk:
            raise CorrectionError(_("This return is taken back already."))
        context = PostingContext(line.booking_date, at, by)
        matches.unlink(line=line, reason=reason, by=by, at=at)
        reversals.undo_steps(owner=current.ledger_owner, steps=["returned"], at=at, by=by, description=reason)
        if current.came_back_late:
            # It had failed before, and stays so: the bank has debited it, and not given it back yet.
            current.credit_line, current.credited_on, current.came_back_late = None, None, False
            current.save(update_fields=["credit_line", "credited_on", "came_back_late", "updated_at"])
            _audit(current, reason=reason, by=by, at=at)
            return current
        return _confirm_again(current, line=line, reason=reason, context=context)


def _confirm_again(payout: Payout, *, line: StatementLine, reason: str, context: PostingContext) -> Payout:
    """The payout is confirmed as before its return; undo what the return had led to."""
    by, at = context.by, context.at
    ended_claim = list(references.in_force(owner=payout.ledger_owner, step="reclaim-ended"))
    is_refund, is_deposit = payout.purpose == Payout.Purpose.REFUND, payout.purpose == Payout.Purpose.MICRO_DEPOSIT
    if payout.status == Status.REPLACED:
        _end_replacements(payout, reason=reason, context=context)
    if payout.status == Status.CANCELLED and not (is_refund or is_deposit or ended_claim):
        raise CorrectionError(_("%(payout)s is not owed any more since it came back.") % {"payout": payout})
    unpaid = unpaid_advance(payout)
    confirmed = move(
        payout,
        to=Status.CONFIRMED,
        transitions=PAYOUT_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=payout.supplier_id,
        reason=reason,
        changes={
            "failed_on": None,
            "failure_reason": "",
            "return_code": "",
            "credit_line": None,
            "credited_on": None,
        },
    )
    if is_refund:
        _refund_again(confirmed, reason=reason, context=context)
        return confirmed
    if is_deposit:
        micro_deposit_postings.post_deposit(payout=confirmed, context=context)
        _audit(confirmed, reason=reason, by=by, at=at)
        return confirmed
    if ended_claim and confirmed.supplier is not None:
        for one in ended_claim:
            reversals.undo(transaction=one, at=at, by=by, description=reason)
        reversals.level_supplier(supplier_id=confirmed.supplier.pk, currency=confirmed.currency, context=context)
    if unpaid is not None and by is not None:
        issuance.send(advance=unpaid, bought_on=confirmed.value_date, by=by, at=at)
    _audit(confirmed, reason=reason, by=by, at=at)
    emails.payout_arrived_after_all(payout=confirmed, line_id=line.pk, is_purchase=unpaid is not None)
    return confirmed


def _end_replacements(payout: Payout, *, reason: str, context: PostingContext) -> None:
    """Cancel what `payout` was prepared again as. Raises CorrectionError unless that money is still, or again, here."""
    chain = [payout]
    while (following := Payout.objects.filter(replaces=chain[-1]).first()) is not None:
        chain.append(following)
    if last_blocker := _blocker(chain[-1]):
        raise CorrectionError(
            _("It is prepared again as %(chain)s, which %(last_blocker)s")
            % {"chain": chain[-1], "last_blocker": last_blocker}
        )
    for before, after in reversed(list(pairwise(chain))):
        move(
            after,
            to=Status.CANCELLED,
            transitions=PAYOUT_TRANSITIONS,
            by=context.by,
            at=context.at,
            supplier_id=after.supplier_id,
            reason=reason,
            changes={"replaces": None},
        )
        undone: Any = {"at": context.at, "by": context.by, "description": reason}
        reversals.undo_steps(owner=before.ledger_owner, steps=["resent"], **undone)
        for netted in before.nettings.filter(undone_at__isnull=True):
            reversals.undo_steps(owner=netted.ledger_owner, steps=["netted"], **undone)
            netted.undone_at = context.at
            netted.save(update_fields=["undone_at"])


def _blocker(last: Payout) -> str:
    """Why the return cannot be taken back while `last` is as it is, and what to do first; "" if it can."""
    if last.status in (Status.PREPARED, Status.APPROVED):
        return f"is not sent yet. Stop {last} first, then take the return back."
    if last.status == Status.SENT:
        return "is on its way. Wait until a statement has it. If it comes back, accept that, then take this one back."
    if last.status == Status.CONFIRMED:
        return (
            f"has arrived. If both have, the supplier has the money twice: ask it to send {last} back, accept what "
            f"comes in as the return of {last}, then take this one back."
        )
    return ""


def _refund_again(payout: Payout, *, reason: str, context: PostingContext) -> None:
    """The money of a refund has left its payment after all."""
    refund = payout.refund
    payment: Collection = refund.collection
    if payments.unallocated(collection=payment) < payout.amount:
        raise CorrectionError(
            _("What came back to %(payment)s is matched or refunded since. Unmatch it first.") % {"payment": payment}
        )
    refund.failed_on = None
    refund.save(update_fields=["failed_on"])
    refunded = references.of_step(owner=payment.ledger_owner, step=f"refunded:{payout.pk}")
    undone = Transaction.objects.filter(reverses__in=refunded).order_by("-pk")[:1]
    posted = reversals.post_refund(
        payout=payout, collection=payment, context=context._replace(value_date=refund.value_date)
    )
    if context.by is None:
        raise CorrectionError(_("A person takes back a return."))
    records.save(
        kind=Correction.Kind.REFUND_RETURN,
        of=payment,
        amount=payout.amount,
        change=f"{payout} did not come back",
        reason=reason,
        posted=[*undone, posted],
        suppliers=(),
        by=context.by,
        approver=None,
        at=context.at,
    )


def _audit(payout: Payout, *, reason: str, by: User | None, at: datetime) -> None:
    audit.record(
        event="payout.return_taken_back",
        subject=payout,
        by=by,
        at=at,
        supplier_id=payout.supplier_id,
        reason=reason,
    )
