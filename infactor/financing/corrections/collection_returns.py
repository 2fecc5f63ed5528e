"""A return of a buyer's payment that was none: the bank took back another one. The payment counts as it did before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.banking import matches
from infactor.banking.models import StatementLine
from infactor.financing import locks
from infactor.financing.accounting import house_cash, references, reversals
from infactor.financing.collections import look_alikes, payments
from infactor.financing.collections.allocation import AllocationTarget
from infactor.financing.collections.incoming import IncomingPayment
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError, Kind
from infactor.financing.corrections.retargeting import refuse_closed, targets_of
from infactor.financing.models import Collection, CollectionAllocation, Correction
from infactor.ledger.models import Transaction
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

# What one allocation is for: its kind, supplier and advance.
For = tuple[str, int, int | None]


def take_back(
    *, collection: Collection, by: User, at: datetime, reason: str, approver: User | None = None
) -> Correction:
    """Say that the bank did not return a payment: it pays again what it had paid, on its own day.

    The line that confirmed the return is open again; the one with which the payment came confirms it again. An advance
    that the return had opened waits to be settled again. Raises NotAllowed, CorrectionError where its money cannot go
    where it had gone, CollectionError, AccountClosed, ApproverRequired.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    records.require_reason(reason)
    with transaction.atomic():
        current = _lock(collection)
        recorded = references.of_step(owner=current.ledger_owner, step="recorded").order_by("-pk")[:1].get()
        returns = _postings_of_return(current, recorded)
        undone = list(
            current.allocations.filter(reversed_at=returns[0].posted_at)
            .select_related("advance__invoice", "advance__terms", "supplier")
            .order_by("position")
        )
        targets = targets_of(undone)
        refuse_closed(undone)
        _refuse_recorded_again(current, targets)
        house_cash.lock_open(transactions=[recorded])
        released = _release_line(returns, reason=reason, by=by, at=at)
        current.returned_on, current.returned_by, current.return_reason = None, None, ""
        current.save(update_fields=["returned_on", "returned_by", "return_reason", "updated_at"])
        posted = _never_returned(returns, reason=reason, by=by, at=at)
        anew, allocations = payments.post_and_allocate(
            collection=current,
            targets=targets,
            by=by,
            at=at,
            account=house_cash.account_of(transaction=recorded),
        )
        _require_same(undone, allocations)
        house_cash.carry_match(undone=recorded, instead=anew, reason=reason, by=by, at=at)
        suppliers = list(Supplier.objects.filter(pk__in={one.supplier_id for one in undone}).order_by("pk"))
        records.require_approver(
            by=by, approver=approver, amount=current.amount, currency=current.currency, suppliers=suppliers, at=at
        )
        return records.save(
            kind=Kind.RETURN,
            of=current,
            amount=current.amount,
            change="the bank did not return it"
            if released is None
            else f"the bank did not return it; {released} waits to be explained again",
            reason=reason,
            posted=[*posted, anew],
            suppliers=suppliers,
            by=by,
            approver=approver,
            at=at,
        )


def _lock(collection: Collection) -> Collection:
    """Lock a returned payment and every supplier that it concerns. Raises CorrectionError where it is not returned."""
    allocated = CollectionAllocation.objects.filter(collection=collection)
    for supplier_id in sorted(set(allocated.values_list("supplier_id", flat=True))):
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)
    current = Collection.objects.select_for_update().get(pk=collection.pk)
    if current.returned_on is None:
        raise CorrectionError(_("No return of this payment is recorded, or it is taken back already."))
    return current


def _postings_of_return(collection: Collection, recorded: Transaction) -> list[Transaction]:
    """The reversals that the return posted, that of the payment's recording among them; the first one first."""
    of_recording = Transaction.objects.get(reverses=recorded)
    rows = Transaction.objects.filter(
        reverses__reference__startswith=f"{collection.ledger_owner}:",
        posted_at=of_recording.posted_at,
        reversed_by__isnull=True,
    ).exclude(reverses__reference__startswith=f"{collection.ledger_owner}:refunded")
    return list(rows.select_related("reverses").order_by("pk"))


def _never_returned(returns: Iterable[Transaction], *, reason: str, by: User, at: datetime) -> list[Transaction]:
    """Undo what the return posted on its day, and undo the payment on its own day instead: it is then posted anew.

    So no day counts it twice, and none misses it.
    """
    posted = []
    for one in returns:
        back = reversals.undo_on(transaction=one, on=one.effective_date, at=at, by=by, description=reason)
        own_day = one.reverses.effective_date if one.reverses is not None else one.effective_date
        posted += [
            back,
            reversals.undo_on(transaction=back, on=own_day, at=at, by=by, description=reason),
        ]
    return posted


def _release_line(returns: Sequence[Transaction], *, reason: str, by: User, at: datetime) -> StatementLine | None:
    """Open the line of a statement again that confirmed the return. Raises CorrectionError if it confirms more."""
    lines = {line.pk: line for one in returns if (line := house_cash.confirming_line(transaction=one)) is not None}
    for line in lines.values():
        if line.matches.exclude(entry__transaction__in=returns).exists():
            raise CorrectionError(
                _("%(line)s confirms this return and other postings. Take that back on its page first.")
                % {"line": line}
            )
        matches.unlink(line=line, reason=reason, by=by, at=at)
    return next(iter(lines.values()), None)


def _refuse_recorded_again(collection: Collection, targets: Sequence[AllocationTarget]) -> None:
    """Raise CorrectionError where the buyer's payment seems to be recorded a second time since its return."""
    if collection.is_another:
        return
    again = payments.candidate(
        payment=IncomingPayment(
            currency=collection.currency,
            amount=collection.amount,
            value_date=collection.value_date,
            bank_reference=collection.bank_reference,
            payer=collection.payer,
            remittance=collection.remittance,
        ),
        targets=targets,
    )
    for one in look_alikes.find(candidate=again, excluding=[collection.pk]):
        other = one.collection
        if other is not None and not other.is_another and other.recorded_at > collection.recorded_at:
            raise CorrectionError(
                _("%(other)s looks like this payment, and was recorded after it. Withdraw it first if it is none.")
                % {"other": other}
            )


def _require_same(before: Iterable[CollectionAllocation], after: Iterable[CollectionAllocation]) -> None:
    """Raise CorrectionError where the payment would not pay exactly what it had paid."""
    had, has = _amounts(before), _amounts(after)
    if had == has:
        return
    changed = next(one for one in before if had[_for(one)] != has.get(_for(one)))
    if changed.advance is not None:
        raise CorrectionError(
            _(
                "%(advance)s does not owe any more what this payment had paid of it. Undo first what paid or closed it "
                "since: another payment, a short payment, or a write-off."
            )
            % {"advance": changed.advance}
        )
    raise CorrectionError(
        _("%(supplier)s does not owe any more what this payment had paid. Undo first what paid it since.")
        % {"supplier": changed.supplier}
    )


def _amounts(allocations: Iterable[CollectionAllocation]) -> dict[For, Decimal]:
    found: dict[For, Decimal] = defaultdict(Decimal)
    for one in allocations:
        found[_for(one)] += one.amount
    return dict(found)


def _for(allocation: CollectionAllocation) -> For:
    return allocation.kind, allocation.supplier_id, allocation.advance_id
