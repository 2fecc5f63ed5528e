"""Corrections of payments: unmatch one, change its value date or its amount, withdraw what was no payment."""

from collections.abc import Callable, Sequence
from collections.abc import Collection as Items
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from infactor.banking import matches
from infactor.banking.models import StatementLine
from infactor.core.dates import format_day
from infactor.core.money import format_amount
from infactor.financing.accounting import house_cash, references, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.collections import payments, undoing
from infactor.financing.collections.allocation import validated_amount
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError, Kind
from infactor.financing.corrections.retargeting import _capped, _with_amount, refuse_closed, targets_of
from infactor.financing.models import Collection, CollectionAllocation, Correction
from infactor.financing.value_dates import validate_value_date
from infactor.ledger.models import Transaction
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User


def unmatch(
    *,
    collection: Collection,
    allocation_ids: Items[int],
    by: User,
    at: datetime,
    reason: str,
    approver: User | None = None,
) -> Correction:
    """Undo these allocations of a payment: the money waits to be matched again. The bank has nothing to do with it.

    Raises NotAllowed, CollectionError, CorrectionError, ApproverRequired.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current, in_force = payments.lock_with_allocations(collection=collection)
        chosen = [one for one in in_force if one.pk in set(allocation_ids)]
        if not chosen or len(chosen) < len(set(allocation_ids)):
            raise CorrectionError(gettext("Choose which parts to unmatch, of those that are matched now."))
        posted = unmatch_parts(collection=current, allocations=chosen, by=by, at=at, reason=reason)
        amount = _sum(chosen)
        suppliers = _suppliers(chosen)
        records.require_approver(
            by=by, approver=approver, amount=amount, currency=current.currency, suppliers=suppliers, at=at
        )
        return records.save(
            kind=Kind.UNMATCH,
            of=current,
            amount=amount,
            change=_unmatched_text(amount, current.currency, is_shared=len(suppliers) > 1),
            reason=reason,
            posted=posted,
            suppliers=suppliers,
            by=by,
            approver=approver,
            at=at,
        )


def unmatch_parts(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], by: User, at: datetime, reason: str
) -> list[Transaction]:
    """Post the undoing of these allocations and all that follows. The caller has locked payment and suppliers."""
    refuse_closed(allocations)
    context = PostingContext(collection.value_date, at, by)
    unmatched = reversals.post_unmatching(collection=collection, allocations=allocations, context=context)
    undone = undoing.undo(collection=collection, allocations=allocations, by=by, at=at, reason=reason)
    return [unmatched, *undone]


def change_value_date(
    *, collection: Collection, value_date: date, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Post a payment anew on the day on which it came. A fee that it ends is charged to that day.

    An advance that it had closed and that was settled waits to be settled again. Raises NotAllowed, CollectionError,
    CorrectionError, InvalidValueDate, ApproverRequired.
    """

    def change(current: Collection, line: StatementLine | None) -> str:
        if value_date == current.value_date:
            raise CorrectionError(gettext("This is its value date already."))
        if line is not None and value_date != line.value_date:
            raise CorrectionError(
                gettext("The bank's statement says %(value_date)s: %(line)s confirms it.")
                % {"value_date": format_day(line.value_date), "line": line}
            )
        validate_value_date(value_date, at=at)
        before, current.value_date = current.value_date, value_date
        return f"value date {format_day(value_date)} instead of {format_day(before)}"

    return _post_anew(collection, change, kind=Kind.VALUE_DATE, by=by, at=at, reason=reason, approver=approver)


def change_amount(
    *, collection: Collection, amount: Decimal, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Post a payment anew with the amount that came. Less pays its last parts less; more waits to be matched.

    Where one part took all of it, that part takes all of it again. Raises NotAllowed, CollectionError,
    CorrectionError, ApproverRequired.
    """

    def change(current: Collection, line: StatementLine | None) -> str:
        validated = validated_amount(amount, current.currency)
        if validated == current.amount:
            raise CorrectionError(gettext("This is its amount already."))
        if line is not None:
            said = format_amount(current.amount, current.currency)
            raise CorrectionError(
                gettext("The bank's statement says %(said)s: %(line)s confirms it.") % {"said": said, "line": line}
            )
        if validated < payments.refunded(collection=current):
            raise CorrectionError(gettext("More than this was refunded to its payer."))
        before, current.amount = current.amount, validated
        code = current.currency
        return f"amount {format_amount(validated, code)} instead of {format_amount(before, code)}"

    return _post_anew(collection, change, kind=Kind.AMOUNT, by=by, at=at, reason=reason, approver=approver)


def withdraw(
    *, collection: Collection, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Say that a payment was none: capital, interest, a payout that came back, or one that was typed in twice.

    Everything that it posted is reversed, and it counts nowhere any more. The line of a statement that confirmed it
    waits to be matched again. Raises NotAllowed, CollectionError, CorrectionError, ApproverRequired.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current, in_force = payments.lock_with_allocations(collection=collection)
        refuse_closed(in_force)
        if payments.refunded(collection=current):
            raise CorrectionError(
                gettext("A part of this payment is refunded. Stop that payout first, where it was not sent.")
            )
        suppliers = _suppliers(in_force)
        recorded = references.in_force(owner=current.ledger_owner, step="recorded").get()
        line = house_cash.confirming_line(transaction=recorded)
        current.withdrawn_at, current.statement_line = at, None
        _save(current)
        if line is not None:
            matches.unlink(line=line, reason=reason, by=by, at=at)
        posted = reversals.undo_collection(collection=current, at=at, by=by, description=reason)
        posted += undoing.undo(collection=current, allocations=in_force, by=by, at=at, reason=reason)
        records.require_approver(
            by=by, approver=approver, amount=current.amount, currency=current.currency, suppliers=suppliers, at=at
        )
        return records.save(
            kind=Kind.WITHDRAWAL,
            of=current,
            amount=current.amount,
            change="it was no payment" if line is None else f"it was no payment; {line} waits to be matched again",
            reason=reason,
            posted=posted,
            suppliers=suppliers,
            by=by,
            approver=approver,
            at=at,
        )


def _post_anew(
    collection: Collection,
    change: Callable[[Collection, StatementLine | None], str],
    *,
    kind: Kind,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None,
) -> Correction:
    """Reverse everything of a payment, change its row, and record it with the same targets again.

    It stays on the house account that it reached. What a line of the bank's statement confirms is not changed away from
    it, and the line then confirms what was posted anew.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current, in_force = payments.lock_with_allocations(collection=collection)
        refuse_closed(in_force)
        before = current.amount
        targets, suppliers = targets_of(in_force), _suppliers(in_force)
        recorded = references.in_force(owner=current.ledger_owner, step="recorded").get()
        line = house_cash.confirming_line(transaction=recorded)
        posted = reversals.undo_collection(collection=current, at=at, by=by, description=reason)
        posted += undoing.undo(collection=current, allocations=in_force, by=by, at=at, reason=reason)
        said = change(current, line)
        _save(current)
        whole = len(targets) == 1 and targets[0].amount == before
        left = current.amount - payments.refunded(collection=current)
        new_targets = [_with_amount(targets[0], left)] if whole and left > 0 else _capped(targets, left)
        after = Transaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        anew, _ = payments.post_and_allocate(
            collection=current,
            targets=new_targets,
            by=by,
            at=at,
            account=house_cash.account_of(transaction=recorded),
        )
        house_cash.carry_match(undone=recorded, instead=anew, reason=reason, by=by, at=at)
        posted += Transaction.objects.filter(pk__gt=after, reference__startswith=f"{current.ledger_owner}:")
        records.require_approver(
            by=by,
            approver=approver,
            amount=max(before, current.amount),
            currency=current.currency,
            suppliers=suppliers,
            at=at,
        )
        return records.save(
            kind=kind,
            of=current,
            amount=abs(current.amount - before) or current.amount,
            change=said,
            reason=reason,
            posted=posted,
            suppliers=suppliers,
            by=by,
            approver=approver,
            at=at,
        )


def _unmatched_text(amount: Decimal, currency: str, *, is_shared: bool) -> str:
    """What waits now. Where parts of several suppliers are unmatched, each reads it, and none the sum of all."""
    return f"{'it' if is_shared else format_amount(amount, currency)} waits to be matched again"


def _save(collection: Collection) -> None:
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError as error:
        if "collection_once" not in str(error):
            raise
        raise CollectionError(gettext("Another payment with this reference, date and amount is recorded.")) from error


def _suppliers(allocations: Sequence[CollectionAllocation]) -> list[Supplier]:
    return list(Supplier.objects.filter(pk__in={one.supplier_id for one in allocations}).order_by("pk"))


def _sum(allocations: Sequence[CollectionAllocation]) -> Decimal:
    return sum((one.amount for one in allocations), Decimal(0))
