"""Cases of bankrupt debtors: one for each funded advance, while the mark is in force."""

from datetime import datetime

from django.db import transaction

from infactor.financing import locks
from infactor.financing.eligibility.marked_buyers import marks_by_root
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Case, DebtorMark
from infactor.financing.watch import case_rows

BANKRUPT = DebtorMark.Kind.BANKRUPT
DIFFERENCE = {"field": "Buyer", "bought": "in business", "now": "bankrupt", "severity": case_rows.SEVERE.value}


def advances_to_change() -> list[Advance]:
    """The outstanding advances of bankrupt debtors without their case, and those whose case has lost its reason."""
    rows = Advance.objects.filter(status__in=OUTSTANDING_STATUSES)
    bankrupt = [root for root, mark in marks_by_root().items() if mark.kind == BANKRUPT]
    with_case = Case.objects.filter(kind=Case.Kind.BANKRUPT)
    missing = rows.filter(buyer__in=bankrupt).exclude(pk__in=with_case.values("advance"))
    open_cases = with_case.filter(closed_at__isnull=True)
    over = rows.filter(pk__in=open_cases.values("advance")).exclude(buyer__in=bankrupt)
    again = rows.filter(buyer__in=bankrupt, pk__in=with_case.filter(outcome=Case.Outcome.RESTORED).values("advance"))
    return list((missing | over | again).select_related("supplier", "invoice", "buyer").distinct().order_by("pk"))


def keep_case(*, advance: Advance, at: datetime) -> Case | None:
    """Open, close or reopen the case of one advance, by the mark of its debtor now."""
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.select_related("supplier", "invoice", "buyer").get(pk=advance.pk)
        if current.status not in OUTSTANDING_STATUSES:
            return None
        rows = Case.objects.select_for_update(of=("self",)).select_related("supplier", "advance__invoice")
        case = rows.filter(advance=current, kind=Case.Kind.BANKRUPT).first()
        mark = marks_by_root(roots=[current.buyer_id]).get(current.buyer_id)
        is_bankrupt = mark is not None and mark.kind == BANKRUPT
        found = [DIFFERENCE] if is_bankrupt else []
        return case_rows.keep(
            advance=current,
            case=case,
            kind=Case.Kind.BANKRUPT,
            found=found,
            at=at,
            outcome=Case.Outcome.RESTORED,
        )
