"""What holds the reserve of an advance back: an open case, or the buyer's dispute that has no case yet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from infactor.financing.models import HOLDS_OFFERS, HOLDS_RESERVE, Advance, Case
from infactor.verification import answers
from infactor.verification.answers import BuyerConfirmation


class Holds(NamedTuple):
    """What holds some advances back, and the answers of their buyers, which were read for it.

    `reasons`: why the reserve of an advance is held, by its key. `severe`: the cases that hold the payouts of a
    supplier, by its key. `confirmations`: by invoice.
    """

    reasons: Mapping[int, str]
    severe: Mapping[int, Sequence[Case]]
    confirmations: Mapping[int, BuyerConfirmation]


def is_reserve_held(*, advance: Advance) -> bool:
    """Whether the reserve must not be released."""
    return bool(hold_reason(advance=advance))


def hold_reason(*, advance: Advance) -> str:
    """Why the reserve of `advance` is held, for staff; empty if it is not."""
    return read(advances=[advance]).reasons.get(advance.pk, "")


def read(*, advances: Collection[Advance]) -> Holds:
    """What holds these advances and their suppliers back, in a few queries for any number."""
    own = Q(advance__in=[one.pk for one in advances])
    of_suppliers = HOLDS_OFFERS & Q(supplier__in={one.supplier_id for one in advances})
    cases = list(Case.objects.filter(HOLDS_RESERVE & own | of_suppliers).order_by("pk"))
    confirmations = answers.confirmations_by_invoice(invoices=[one.invoice_id for one in advances])
    keys = {one.pk for one in advances}
    reasons: dict[int, str] = {}
    for case in cases:
        if case.advance_id in keys:
            reasons.setdefault(case.advance_id, _reason(case))
    for advance, _answer in _without_case(advances, confirmations):
        reasons.setdefault(advance.pk, _disputed())
    severe: dict[int, list[Case]] = {}
    for case in cases:
        if case.holds_offers:
            severe.setdefault(case.supplier_id, []).append(case)
    return Holds(reasons, severe, confirmations)


def without_case(*, advances: Iterable[Advance]) -> list[tuple[Advance, BuyerConfirmation]]:
    """Those of `advances` that the buyer disputes by its last answer, without a case that is open or decided since."""
    found = list(advances)
    return _without_case(found, answers.confirmations_by_invoice(invoices=[one.invoice_id for one in found]))


def _without_case(
    advances: Iterable[Advance], confirmations: Mapping[int, BuyerConfirmation]
) -> list[tuple[Advance, BuyerConfirmation]]:
    by_invoice = {advance.invoice_id: advance for advance in advances}
    disputed = {pk: one for pk, one in confirmations.items() if one.is_disputed}
    if not disputed:
        return []
    cases = Case.objects.filter(advance__invoice__in=list(disputed), kind=Case.Kind.DISPUTE).order_by()
    closed_at_by_invoice = cases.values_list("advance__invoice", "closed_at")
    # A decision after the buyer's answer covers it, whoever opened the case.
    covered = {pk for pk, closed in closed_at_by_invoice if closed is None or closed >= disputed[pk].answered_at}
    return [(by_invoice[pk], one) for pk, one in disputed.items() if pk not in covered]


def _reason(case: Case) -> str:
    if case.kind == Case.Kind.DISPUTE:
        return _disputed()
    return _("Case %(number)s holds the reserve (%(kind)s): decide it, or release its hold.") % {
        "number": case.pk,
        "kind": str(case.get_kind_display()).lower(),
    }


def _disputed() -> str:
    return _("A dispute is open. The reserve is held until it is decided.")
