"""Cases: disputes about funded advances, and advances unpaid on their recourse date."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.financing import emails, locks
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Case
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import answers
from infactor.verification.answers import BuyerConfirmation

RESOLVE_DISPUTES = "financing.resolve_disputes"


class CaseError(Exception):
    """The case cannot be opened or closed. The message says why."""


def open_dispute(*, advance: Advance, by: User, at: datetime, reason: str) -> Case:
    """Staff record that the buyer or the supplier disputes a funded invoice. Its reserve is held from now on."""
    roles.require(by, RESOLVE_DISPUTES)
    return _open(advance, kind=Case.Kind.DISPUTE, by=by, at=at, reason=reason)


def open_buyer_dispute(*, advance: Advance, at: datetime, reason: str) -> Case:
    """Open a dispute because the buyer disputed the invoice by its verification link."""
    return _open(advance, kind=Case.Kind.DISPUTE, by=None, at=at, reason=reason)


def open_recourse(*, advance: Advance, at: datetime) -> Case:
    """Open a recourse case: the advance is unpaid on its recourse date, so the supplier must repurchase the invoice."""
    day = advance.recourse_on
    reason = f"Unpaid on {day:%b} {day.day}, {day.year}."
    return _open(advance, kind=Case.Kind.RECOURSE, by=None, at=at, reason=reason)


def close(*, case: Case, outcome: str, conclusion: str, by: User, at: datetime) -> Case:
    """Staff decide the case. A short payment or a repurchase that follows from it is a step of its own."""
    roles.require(by, RESOLVE_DISPUTES)
    if outcome not in (Case.Outcome.UPHELD, Case.Outcome.REJECTED):
        raise CaseError("Choose whether it is upheld or rejected.")
    if not conclusion.strip():
        raise CaseError("Enter the conclusion: the supplier reads it.")
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=case.supplier_id)
        current = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if current.closed_at is not None:
            raise CaseError("This case is already decided.")
        closed = _close(current, outcome=outcome, conclusion=conclusion, by=by, at=at)
        emails.case_closed(case=closed)
        return closed


def is_reserve_held(*, advance: Advance) -> bool:
    """Whether the reserve must not be released: a dispute is open, or the buyer's has no case yet."""
    is_open = Case.objects.filter(advance=advance, kind=Case.Kind.DISPUTE, closed_at__isnull=True).exists()
    return is_open or bool(without_case(advances=[advance]))


def without_case(*, advances: Iterable[Advance]) -> list[tuple[Advance, BuyerConfirmation]]:
    """Those of `advances` that the buyer disputes by its last answer, without a case that is open or decided since."""
    by_invoice = {advance.invoice_id: advance for advance in advances}
    confirmations = answers.confirmations_by_invoice(invoices=list(by_invoice))
    disputed = {pk: one for pk, one in confirmations.items() if one.is_disputed}
    cases = Case.objects.filter(advance__invoice__in=list(disputed), kind=Case.Kind.DISPUTE).order_by()
    closed_at_by_invoice = cases.values_list("advance__invoice", "closed_at")
    # A decision after the buyer's answer covers it, whoever opened the case.
    covered = {pk for pk, closed in closed_at_by_invoice if closed is None or closed >= disputed[pk].answered_at}
    return [(by_invoice[pk], one) for pk, one in disputed.items() if pk not in covered]


def close_with_advance(*, advance: Advance, by: User, at: datetime) -> None:
    """Close every open case of an advance that is closed."""
    for case in Case.objects.select_for_update(of=("self",)).filter(advance=advance, closed_at__isnull=True):
        _close(case, outcome=Case.Outcome.ENDED, conclusion=str(advance.get_status_display()), by=by, at=at)


def _open(advance: Advance, *, kind: str, by: User | None, at: datetime, reason: str) -> Case:
    if not reason.strip():
        raise CaseError("Enter a reason.")
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.get(pk=advance.pk)
        if current.status not in OUTSTANDING_STATUSES:
            raise CaseError("Only a funded advance can be disputed.")
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
