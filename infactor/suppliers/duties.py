"""Who may not confirm a supplier's bank account, for what they decided about it before. Apps above add reasons."""

from datetime import datetime
from typing import Protocol

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Application, BankAccount
from infactor.users.models import User


class Conflict(Protocol):
    """Returns why `by` may not confirm `account`, "" where nothing is against it."""

    def __call__(self, *, account: BankAccount, by: User, at: datetime) -> str: ...


_registered: list[Conflict] = []


def register(conflict: Conflict) -> None:
    """Ask `conflict` before an account is confirmed."""
    if conflict not in _registered:
        _registered.append(conflict)


def conflict_with(*, account: BankAccount, by: User, at: datetime) -> str:
    """Why `by` may not confirm `account`, "" where nothing is against it. Roles of today do not matter."""
    if _has_approved(account=account, by=by):
        return "You approved this supplier. Who approves a supplier does not confirm where it is paid to."
    return next((why for one in _registered if (why := one(account=account, by=by, at=at))), "")


def _has_approved(*, account: BankAccount, by: User) -> bool:
    """Whether `by` ever approved the supplier: the application itself names only who decided last."""
    application = Application.objects.filter(supplier=account.supplier_id).first()
    if application is None:
        return False
    approvals = AuditEvent.objects.filter(
        subject_type=Application._meta.label_lower,
        subject_id=str(application.pk),
        event="application.status",
        details__to=Application.Status.APPROVED,
        actor=by,
    )
    is_last = application.status == Application.Status.APPROVED and application.decided_by_id == by.pk
    return is_last or approvals.exists()
