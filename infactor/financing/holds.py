"""What holds the reserve of an advance back: an open case, or the buyer's dispute that has no case yet."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from infactor.financing.models import HOLDS_RESERVE, Advance, Case
from infactor.verification import answers
from infactor.verification.answers import BuyerConfirmation


def is_reserve_held(*, advance: Advance) -> bool:
    """Whether the reserve must not be released."""
    return bool(hold_reason(advance=advance))


def hold_reason(*, advance: Advance) -> str:
    """Why the reserve of `advance` is held, for staff; empty if it is not."""
    return hold_reasons(advances=[advance]).get(advance.pk, "")


def hold_reasons(*, advances: Collection[Advance]) -> dict[int, str]:
    """Why the reserve of each of `advances` is held, by its key; without those whose reserve is not."""
    cases = Case.objects.filter(HOLDS_RESERVE, advance__in=[one.pk for one in advances]).order_by("-pk")
    first = {case.advance_id: case for case in cases}
    found = {key: _reason(case) for key, case in first.items()}
    for advance, _answer in without_case(advances=[one for one in advances if one.pk not in found]):
        found[advance.pk] = _disputed()
    return found


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


def _reason(case: Case) -> str:
    if case.kind == Case.Kind.DISPUTE:
        return _disputed()
    return _("Case %(number)s holds the reserve (%(kind)s): decide it, or release its hold.") % {
        "number": case.pk,
        "kind": str(case.get_kind_display()).lower(),
    }


def _disputed() -> str:
    return _("A dispute is open. The reserve is held until it is decided.")
