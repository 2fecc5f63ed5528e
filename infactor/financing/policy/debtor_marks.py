"""Marks of debtors: staff say that a debtor's invoices are not bought any more, or are watched."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing import locks
from infactor.financing.eligibility import recalculation
from infactor.financing.models import DebtorMark
from infactor.financing.policy.authorization import PolicyError
from infactor.invoices.models import Buyer, Debtor
from infactor.users import roles
from infactor.users.models import User

MARK_DEBTORS = "financing.mark_debtors"


def mark(*, debtor: Debtor, kind: str, reason: str, by: User, at: datetime) -> DebtorMark:
    """Mark `debtor` from now on. Another mark in force ends with it. Raises NotAllowed, PolicyError.

    Its open offers and requests end with the next scheduled transitions, which the caller's edge enqueues.
    """
    roles.require(by, MARK_DEBTORS)
    if kind not in DebtorMark.Kind.values:
        raise PolicyError(_("Choose a mark."))
    if not reason.strip():
        raise PolicyError(_("Enter a reason."))
    with transaction.atomic():
        _lock(debtor)
        current = in_force(debtor=debtor)
        if current is not None and current.kind == kind:
            raise PolicyError(_("The debtor has this mark already."))
        if current is not None:
            _end(current, reason=f"Replaced: {DebtorMark.Kind(kind).label}.", by=by, at=at)
        created = DebtorMark.objects.create(debtor=debtor, kind=kind, reason=reason[:300], set_by=by, set_at=at)
        audit.record(
            event="debtor.marked",
            subject=created,
            by=by,
            at=at,
            reason=reason,
            details={"kind": kind, "debtor": debtor.pk},
        )
        recalculation.request_recalculation(supplier_ids=_suppliers(debtor))
        return created


def lift(*, debtor: Debtor, reason: str, by: User, at: datetime) -> DebtorMark:
    """End the debtor's mark. Raises NotAllowed, PolicyError."""
    roles.require(by, MARK_DEBTORS)
    if not reason.strip():
        raise PolicyError(_("Enter a reason."))
    with transaction.atomic():
        _lock(debtor)
        current = in_force(debtor=debtor)
        if current is None:
            raise PolicyError(_("The debtor has no mark."))
        _end(current, reason=reason, by=by, at=at)
        recalculation.request_recalculation(supplier_ids=_suppliers(debtor))
        return current


def in_force(*, debtor: Debtor) -> DebtorMark | None:
    """The mark of `debtor` that is not ended."""
    return DebtorMark.objects.filter(debtor=debtor, ended_at__isnull=True).first()


def _end(current: DebtorMark, *, reason: str, by: User, at: datetime) -> None:
    current.ended_at, current.ended_by, current.end_reason = at, by, reason[:300]
    current.save()
    audit.record(
        event="debtor.mark_ended",
        subject=current,
        by=by,
        at=at,
        reason=reason,
        details={"kind": current.kind, "debtor": current.debtor_id},
    )


def _lock(debtor: Debtor) -> None:
    """The debtor's suppliers in order of their keys, then the debtor: nobody acts on its invoices meanwhile."""
    suppliers = sorted(_suppliers(debtor))
    for supplier_id in suppliers[:-1]:
        locks.lock_supplier_and_debtors(supplier_id=supplier_id)
    if suppliers:
        locks.lock_supplier_and_debtors(supplier_id=suppliers[-1], debtor_ids=[debtor.pk])
    else:
        list(Debtor.objects.select_for_update(no_key=True).filter(pk=debtor.pk))


def _suppliers(debtor: Debtor) -> set[int]:
    return set(Buyer.objects.filter(debtor=debtor).order_by().values_list("supplier_id", flat=True).distinct())
