"""Approval of payouts: a second person has seen to whom how much goes, before any of it is sent."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from infactor.core.business_day import business_day
from infactor.core.transitions import Transitions, move
from infactor.financing import dual_control
from infactor.financing.models import Payout
from infactor.financing.money_out import blockers
from infactor.financing.payouts import PayoutError
from infactor.suppliers.models import Membership
from infactor.users import roles
from infactor.users.models import User

# Stricter than PAYOUT_TRANSITIONS: a sent payout goes back to approved only with its batch, or it is paid twice.
APPROVAL_TRANSITIONS = Transitions(field="status", allowed={Payout.Status.PREPARED: (Payout.Status.APPROVED,)})


def approve(*, payout_ids: Collection[int], by: User, at: datetime) -> list[Payout]:
    """Approve those of these payouts that nothing blocks, and return them. Whoever prepared one cannot approve it.

    Raises NotAllowed, PayoutError where all are blocked, and TransitionNotAllowed if one is not prepared any more.
    """
    roles.require(by, dual_control.APPROVE_MONEY_OUT)
    with transaction.atomic():
        found = lock(payout_ids=payout_ids)
        own = [one for one in found if one.prepared_by_id == by.pk]
        if own:
            raise roles.NotAllowed(f"Somebody other than who prepared it must approve {own[0]}.")
        if Membership.objects.filter(supplier__in=[one.supplier_id for one in found], user=by).exists():
            raise roles.NotAllowed("A person who acts for a company may not pay it. Somebody else at infactor must.")
        return [
            move(
                one,
                to=Payout.Status.APPROVED,
                transitions=APPROVAL_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=one.supplier_id,
                changes={"approved_by": by, "approved_at": at},
            )
            for one in blockers.require_any(payouts=found, on=business_day(at))
        ]


def lock(*, payout_ids: Collection[int]) -> list[Payout]:
    """These payouts as they are now, locked in the order of their keys. Raises PayoutError if one is missing.

    What they point to is read after the wait for the locks: within it, PostgreSQL reads the locked rows anew, and not
    those that are joined to them.
    """
    rows = Payout.objects.filter(pk__in=payout_ids).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    accounts = ("bank_account", "payee_account", "micro_deposits__account")
    found = list(rows.select_related("supplier", *accounts, "batch__house_account"))
    if not found or len(found) != len(set(payout_ids)):
        raise PayoutError("Choose payouts from the list.")
    return found
