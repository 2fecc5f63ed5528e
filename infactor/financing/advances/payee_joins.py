"""Two rows of one payee are joined: from then on they are one person for Forms 1099. Nothing of either is changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.financing.advances import closing
from infactor.financing.advances.payees import PayeeError
from infactor.financing.models import Payee
from infactor.users import roles
from infactor.users.models import User


def join(*, payee: Payee, into: Payee, reason: str, by: User, at: datetime) -> Payee:
    """Say that `payee` is the same as `into`, whose details count for both. Costs stay with the row they were paid to.

    Raises NotAllowed, PayeeError, reasons.ReasonMissing.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    said = reasons.require_reason(reason)
    with transaction.atomic():
        current, kept = _lock(payee, into)
        if blocker := blocker_of_join(payee=current, into=kept):
            raise PayeeError(blocker, field="into")
        current.joined_into, current.joined_by, current.joined_at = kept, by, at
        current.save(update_fields=["joined_into", "joined_by", "joined_at", "updated_at"])
        audit.record(event="payee.joined", subject=current, by=by, at=at, reason=said, details={"into": kept.pk})
        return current


def separate(*, payee: Payee, reason: str, by: User, at: datetime) -> Payee:
    """Undo `join`: they are two payees again, each with its own costs. Raises NotAllowed, PayeeError, ReasonMissing."""
    roles.require(by, closing.SETTLE_ADVANCES)
    said = reasons.require_reason(reason)
    with transaction.atomic():
        current = Payee.objects.select_for_update(of=("self",)).get(pk=payee.pk)
        if current.joined_into_id is None:
            raise PayeeError(_("It is not joined with another payee."))
        before = current.joined_into_id
        current.joined_into = current.joined_by = current.joined_at = None
        current.save(update_fields=["joined_into", "joined_by", "joined_at", "updated_at"])
        audit.record(event="payee.separated", subject=current, by=by, at=at, reason=said, details={"from": before})
        return current


def blocker_of_join(*, payee: Payee, into: Payee) -> str:
    """Why these two are not joined, as a sentence; "" where they can be."""
    if payee.pk == into.pk:
        return "Choose another payee than this one."
    if payee.joined_into_id is not None:
        return f"It is joined with {payee.joined_into} already. Separate it first."
    if into.joined_into_id is not None:
        return f"{into} is joined with {into.joined_into}: choose {into.joined_into}."
    if payee.joined.exists():
        return "Other payees are joined with this one. Separate them first, or join the other one with this."
    if payee.last4 and into.last4:
        return "They have different numbers (TIN): they are two payees. If one of them is wrong, correct it first."
    if payee.last4:
        return f"This one has the number (TIN). Join {into} with it instead."
    return ""


def _lock(payee: Payee, into: Payee) -> tuple[Payee, Payee]:
    """Both as they are now, locked in the order of their keys."""
    rows = Payee.objects.select_for_update(of=("self",)).filter(pk__in=[payee.pk, into.pk]).order_by("pk")
    found = {one.pk: one for one in rows}
    return found[payee.pk], found[into.pk]
