"""Cases of funded advances: opened by staff, buyers or time, decided by staff, and what they hold back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing import emails, locks, staff_emails
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, WATCHED_KINDS, Advance, Case
from infactor.users import roles
from infactor.users.models import User

RESOLVE_DISPUTES = "financing.resolve_disputes"
Kind, Outcome = Case.Kind, Case.Outcome
# How staff may end a case of each kind.
OUTCOMES: dict[str, tuple[str, ...]] = {
    Kind.DISPUTE: (Outcome.UPHELD, Outcome.REJECTED),
    Kind.RECOURSE: (Outcome.UPHELD, Outcome.REJECTED),
    Kind.CHANGED: (Outcome.ACCEPTED, Outcome.EXPLAINED),
    Kind.MISDIRECTED: (Outcome.EXPLAINED, Outcome.ACCEPTED, Outcome.FORWARDED),
    Kind.BANKRUPT: (Outcome.ACCEPTED, Outcome.EXPLAINED),
}


class CaseError(Exception):
    """The case cannot be opened or closed. The message says why."""


def open_dispute(*, advance: Advance, by: User, at: datetime, reason: str) -> Case:
    """Staff record that the buyer or the supplier disputes a funded invoice. Its reserve is held from now on."""
    roles.require(by, RESOLVE_DISPUTES)
    return _open(advance, kind=Case.Kind.DISPUTE, by=by, at=at, reason=reason)


def open_buyer_dispute(*, advance: Advance, at: datetime, reason: str) -> Case:
    """Open a dispute because the buyer disputed the invoice by its verification link. Staff hear of it at once."""
    case = _open(advance, kind=Case.Kind.DISPUTE, by=None, at=at, reason=reason)
    staff_emails.dispute_for_staff(case=case)
    return case


def open_recourse(*, advance: Advance, at: datetime) -> Case:
    """Open a recourse case: the advance is unpaid on its recourse date, so the supplier must repurchase the invoice."""
    day = advance.recourse_on
    reason = f"Unpaid on {day:%b} {day.day}, {day.year}."
    return _open(advance, kind=Case.Kind.RECOURSE, by=None, at=at, reason=reason)


def close(*, case: Case, outcome: str, conclusion: str, by: User, at: datetime) -> Case:
    """Staff decide the case. A short payment or a repurchase that follows from it is a step of its own.

    A case of the watch opens again when something new is found, but not for what staff have accepted or explained.
    """
    roles.require(by, RESOLVE_DISPUTES)
    if outcome not in OUTCOMES[case.kind]:
        choices = " or ".join(str(Outcome(one).label).lower() for one in OUTCOMES[case.kind])
        raise CaseError(_("Choose how it ends: %(choices)s.") % {"choices": choices})
    if not conclusion.strip():
        raise CaseError(_("Enter the conclusion: the supplier reads it."))
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=case.supplier_id)
        current = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if current.closed_at is not None:
            raise CaseError(_("This case is already decided."))
        if current.kind in WATCHED_KINDS:
            current.settled_differences = current.differences
        closed = _close(current, outcome=outcome, conclusion=conclusion, by=by, at=at)
        emails.case_closed(case=closed)
        recalculation.request_recalculation(supplier_ids=[closed.supplier_id])
        return closed


def release_hold(*, case: Case, reason: str, by: User, at: datetime) -> Case:
    """Staff lift what an open case holds back; the case stays open. It holds again when something new is found."""
    roles.require(by, RESOLVE_DISPUTES)
    if not reason.strip():
        raise CaseError(_("Enter why the hold is released."))
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=case.supplier_id)
        current = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if current.kind == Case.Kind.DISPUTE or not current.holds_reserve:
            raise CaseError(_("This case holds nothing back that can be released. A dispute is decided instead."))
        current.hold_released_at, current.hold_released_by, current.hold_release_reason = at, by, reason[:500]
        current.save()
        audit.record(
            event="case.hold_released", subject=current, by=by, at=at, supplier_id=current.supplier_id, reason=reason
        )
        recalculation.request_recalculation(supplier_ids=[current.supplier_id])
        return current


def close_with_advance(*, advance: Advance, by: User, at: datetime) -> None:
    """Close every open case of an advance that is closed."""
    for case in Case.objects.select_for_update(of=("self",)).filter(advance=advance, closed_at__isnull=True):
        _close(case, outcome=Case.Outcome.ENDED, conclusion=str(advance.get_status_display()), by=by, at=at)


def _open(advance: Advance, *, kind: str, by: User | None, at: datetime, reason: str) -> Case:
    if not reason.strip():
        raise CaseError(_("Enter a reason."))
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.get(pk=advance.pk)
        if current.status not in OUTSTANDING_STATUSES:
            raise CaseError(_("Only a funded advance can be disputed."))
        if known := Case.objects.filter(advance=current, kind=kind, closed_at__isnull=True).first():
            return known
        case = Case.objects.create(
            kind=kind,
            supplier=current.supplier,
            advance=current,
            reason=reason[:500],
            opened_by=by,
            opened_at=at,
        )
        audit.record(event=f"case.{kind}_opened", subject=case, by=by, at=at, supplier_id=case.supplier_id)
        emails.case_opened(case=case)
        return case


def _close(case: Case, *, outcome: str, conclusion: str, by: User, at: datetime) -> Case:
    case.outcome, case.conclusion, case.closed_by, case.closed_at = outcome, conclusion[:500], by, at
    case.save()
    audit.record(
        event=f"case.{case.kind}_closed",
        subject=case,
        by=by,
        at=at,
        supplier_id=case.supplier_id,
        details={"outcome": str(outcome)},
    )
    return case
