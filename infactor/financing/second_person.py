"""When something needs two people, and that it had them. The asking stands in `approvals`."""

from decimal import Decimal

from infactor.financing.models import FundingTerms
from infactor.users import roles
from infactor.users.models import User

APPROVE = "financing.approve_money_out"


class SecondPersonNeeded(Exception):
    """Nobody may do this alone; nothing was written. Ask for it: a second person approves."""


def require(*, by: User, second: User | None, amount: Decimal, terms: FundingTerms) -> None:
    """`amount` is below what one person may move, or `second` is another one who may approve.

    Raises SecondPersonNeeded, and NotAllowed for a second person whose role does not allow it.
    """
    if amount < terms.second_person_from:
        return
    if second is None or second.pk == by.pk:
        raise SecondPersonNeeded(
            f"From {terms.second_person_from:,.2f} {terms.currency} up a second person has to approve this."
        )
    roles.require(second, APPROVE)
