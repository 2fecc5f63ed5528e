"""Corrections of collection costs: one that is not paid after all, and one that its payee gave back."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from infactor.banking import cash, matches
from infactor.banking.models import StatementLine
from infactor.core.business_day import business_day
from infactor.core.money import format_number
from infactor.financing import locks
from infactor.financing.accounting import references, reversals, transit
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import closing
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import CollectionAllocation, CollectionCost, Correction
from infactor.ledger.models import ZERO, Transaction
from infactor.users import roles
from infactor.users.models import User


def cancel(*, cost: CollectionCost, by: User, at: datetime, reason: str, approver: User | None = None) -> Correction:
    """Say that a collection cost is not paid: nobody has paid it at the bank. It is in transit no longer.

    Raises NotAllowed, CorrectionError where a statement has its debit, ApproverRequired.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        current = _lock(cost)
        if current.debited_on is not None:
            raise CorrectionError(
                _("%(current)s was debited on %(debited_on)s: it left. Accept the line of its return.")
                % {"current": current, "debited_on": current.debited_on}
            )
        records.require_approver(
            by=by,
            approver=approver,
            amount=current.amount,
            currency=current.advance.currency,
            suppliers=[current.advance.supplier],
            at=at,
        )
        current.cancelled_on = business_day(at)
        current.save(update_fields=["cancelled_on"])
        posted = [_undo(current, by=by, at=at, reason=reason, on=None)]
        return _save(current, "was not paid", posted, by=by, at=at, reason=reason, approver=approver)


def record_return(*, cost: CollectionCost, line: StatementLine, by: User, at: datetime, reason: str) -> Correction:
    """Accept that a credit of a statement gives back a collection cost that the bank had debited: it is none any more.

    Raises NotAllowed, CorrectionError, BankingError.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        current = _lock(cost)
        credited = matches.lock_open(line=line)
        if current.debit_line is None or current.debit_line.account_id != credited.account_id:
            raise CorrectionError(
                _("%(current)s did not leave %(account)s.") % {"current": current, "account": credited.account}
            )
        if credited.amount != current.amount:
            raise CorrectionError(
                _("%(current)s is %(amount)s, the line %(amount_2)s.")
                % {
                    "current": current,
                    "amount": format_number(current.amount, places=2),
                    "amount_2": format_number(credited.amount, places=2),
                }
            )
        day = credited.booking_date
        current.credit_line, current.credited_on, current.cancelled_on = credited, day, day
        current.save(update_fields=["credit_line", "credited_on", "cancelled_on"])
        back = transit.post_credit(of=current, line=credited, context=PostingContext(day, at, by))
        matches.link(line=credited, entries=cash.entries_of(transaction=back, account=credited.account), by=by, at=at)
        posted = [back, _undo(current, by=by, at=at, reason=reason, on=day)]
        return _save(current, "came back", posted, by=by, at=at, reason=reason, approver=None)


def take_back_return(*, line: StatementLine, by: User, at: datetime, reason: str) -> Correction:
    """Say that a credit did not give back a collection cost: it is a cost again, and the line is open again.

    Raises NotAllowed, CorrectionError.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        found = CollectionCost.objects.filter(credit_line=line).first()
        if found is None:
            raise CorrectionError(_("No collection cost came back by this line."))
        current = _lock(found, is_cancelled=True)
        if current.credit_line_id != line.pk:
            raise CorrectionError(_("This return is taken back already."))
        matches.unlink(line=line, reason=reason, by=by, at=at)
        current.credit_line, current.credited_on, current.cancelled_on = None, None, None
        current.save(update_fields=["credit_line", "credited_on", "cancelled_on"])
        undone = reversals.undo_steps(owner=current.ledger_owner, steps=["returned"], at=at, by=by, description=reason)
        context = PostingContext(current.value_date, at, by)
        again = reversals.post_collection_cost(cost=current, advance=current.advance, context=context)
        return _save(current, "did not come back", [*undone, again], by=by, at=at, reason=reason, approver=None)


def _lock(cost: CollectionCost, *, is_cancelled: bool = False) -> CollectionCost:
    """Lock the supplier, then the cost, and return it as it is now. Raises CorrectionError if it is over already."""
    locks.lock_supplier_and_debtors(supplier_id=cost.advance.supplier_id)
    current: CollectionCost = (
        CollectionCost.objects.select_for_update(of=("self",))
        .select_related("advance__invoice", "advance__supplier", "debit_line")
        .get(pk=cost.pk)
    )
    if current.cancelled_on is not None and not is_cancelled:
        raise CorrectionError(
            _("%(current)s was cancelled on %(cancelled_on)s already.")
            % {"current": current, "cancelled_on": current.cancelled_on}
        )
    return current


def _undo(cost: CollectionCost, *, by: User, at: datetime, reason: str, on: date | None) -> Transaction:
    """Reverse the posting of a cost. Raises CorrectionError where a payment has repaid it."""
    advance = cost.advance
    others = CollectionCost.objects.filter(advance=advance, cancelled_on=None).exclude(pk=cost.pk)
    left = others.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    repaid = CollectionAllocation.objects.filter(
        advance=advance, kind=CollectionAllocation.Kind.COST, reversed_at__isnull=True
    ).aggregate(sum=Sum("amount", default=ZERO))["sum"]
    if repaid > left:
        raise CorrectionError(
            _("A payment has repaid this cost. Unmatch that payment first, and match it again after.")
        )
    posted = references.in_force(owner=advance.ledger_owner, step=f"cost:{cost.pk}").get()
    return reversals.undo(transaction=posted, at=at, by=by, description=reason, on=on)


def _save(
    cost: CollectionCost,
    what: str,
    posted: list[Transaction],
    *,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None,
) -> Correction:
    """The row of the correction. Costs are infactor's own money: no supplier is told."""
    return records.save(
        kind=Correction.Kind.COST,
        of=cost.advance,
        amount=cost.amount,
        change=f"collection cost {cost.pk} to {cost.payee} {what}",
        reason=reason,
        posted=posted,
        suppliers=(),
        by=by,
        approver=approver,
        at=at,
    )
