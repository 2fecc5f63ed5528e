"""When something needs two people, and that it had them. The asking stands in `approvals`."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import terms_in_force
from infactor.financing.models import Disbursement, FundingTerms
from infactor.financing.value_dates import today_of
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

APPROVE = "financing.approve_money_out"
LATELY = timedelta(days=1)
NOTHING = Decimal("0.00")


class SecondPersonNeeded(Exception):
    """Nobody may do this alone; nothing was written. Ask for it: a second person approves."""


def require(*, by: User, second: User | None, amount: Decimal, terms: FundingTerms) -> None:
    """`amount` is below what one person may move, or `second` is another one who may approve.

    Raises SecondPersonNeeded, and NotAllowed for a second person whose role does not allow it.
    """
    if amount >= terms.second_person_from:
        require_another(by=by, second=second, why=why_needed(amount=amount, lately=NOTHING, supplier=None, terms=terms))


def require_another(*, by: User, second: User | None, why: str) -> None:
    """`second` is another one than `by`, who may approve. Raises SecondPersonNeeded with `why`, and NotAllowed."""
    if second is None or second.pk == by.pk:
        raise SecondPersonNeeded(why)
    roles.require(second, APPROVE)


def terms_now(*, supplier: Supplier, currency: str, at: datetime) -> FundingTerms:
    """The terms whose amount counts: those of today, whatever an offer was made under. Raises versions.NoTerms."""
    return terms_in_force.terms_for(supplier=supplier, currency=currency, on=today_of(supplier=supplier, at=at))


def require_for_payout(
    *, by: User, second: User | None, amount: Decimal, supplier: Supplier, currency: str, at: datetime
) -> None:
    """The same for money that goes to `supplier`, with all that went to it within a day on one person's word.

    The caller holds the supplier, so that two payouts at once are counted one after the other. Raises NotAllowed also
    for who acts for the supplier, and versions.NoTerms.
    """
    terms = terms_now(supplier=supplier, currency=currency, at=at)
    if Membership.objects.filter(supplier=supplier, user__in=[one for one in (by, second) if one is not None]).exists():
        raise roles.NotAllowed("Who acts for a company does not pay it: somebody else at infactor has to.")
    lately = sent_alone(supplier=supplier, currency=currency, at=at) if amount > 0 else NOTHING
    if amount + lately >= terms.second_person_from:
        require_another(
            by=by, second=second, why=why_needed(amount=amount, lately=lately, supplier=supplier, terms=terms)
        )


def sent_alone(*, supplier: Supplier, currency: str, at: datetime) -> Decimal:
    """What went to `supplier` within a day, for whatever reason and by whomever, that no second person approved.

    What came back counts, too: who would split a payment writes that down as well.
    """
    rows = Disbursement.objects.filter(
        supplier=supplier, currency=currency, approved_by__isnull=True, sent_at__gt=at - LATELY
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or NOTHING


def why_needed(*, amount: Decimal, lately: Decimal, supplier: Supplier | None, terms: FundingTerms) -> str:
    """Why this takes two people, in words; empty where one may do it."""
    if amount + lately < terms.second_person_from:
        return ""
    most, currency = f"{terms.second_person_from:,.2f}", terms.currency
    if amount >= terms.second_person_from or not lately:
        return f"From {most} {currency} up a second person has to approve this."
    return (
        f"{lately:,.2f} {currency} went to {supplier} within a day on one person's word. From {most} {currency} up, "
        "counted together, a second person has to approve this."
    )
