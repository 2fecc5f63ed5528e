"""The people who act for a supplier: their roles, and who leaves. Owners decide; a company keeps at least one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import audit
from infactor.suppliers import emails
from infactor.suppliers.access import require_member
from infactor.suppliers.models import Membership, Supplier
from infactor.users.models import User


class CannotChange(ValueError):
    """This membership cannot be changed in this way; the message says why. Nothing was written."""


LAST_OWNER = gettext_lazy("A company needs an owner. Make somebody else an owner first.")


def members(*, supplier: Supplier) -> list[Membership]:
    """Who acts for `supplier`, owners first."""
    rows = list(Membership.objects.filter(supplier=supplier).select_related("user").order_by("pk"))
    order = list(Membership.Role)
    return sorted(rows, key=lambda one: order.index(Membership.Role(one.role)))


def change_role(*, membership: Membership, role: str, by: User | None, at: datetime) -> Membership:
    """Give somebody another role, from their next request on. All owners and the person get an email.

    Raises CannotChange for the last owner, and roles.NotAllowed for anyone but an owner.
    """
    with transaction.atomic():
        current = _locked(membership)
        user = require_member(by=by, supplier=current.supplier, owner=True)
        before = Membership.Role(current.role)
        if role == before:
            return current
        if before == Membership.Role.OWNER:
            _require_other_owner(current)
        current.role = Membership.Role(role)
        current.save()
        details = {"from": before, "to": role, "user": current.user_id}
        audit.record(
            event="membership.role", subject=current, by=user, at=at, supplier_id=current.supplier_id, details=details
        )
        emails.role_changed(membership=current, before=before.label, by=user, at=at)
        return current


def remove(*, membership: Membership, by: User | None, at: datetime) -> None:
    """End somebody's access at once: their next request is refused. Anybody may remove themselves.

    All owners and the person get an email. Raises CannotChange for the last owner, and roles.NotAllowed for anyone but
    an owner or the person.
    """
    with transaction.atomic():
        current = _locked(membership)
        own = by is not None and by.pk == current.user_id
        user = require_member(by=by, supplier=current.supplier, owner=not own, reading=own)
        if current.role == Membership.Role.OWNER:
            _require_other_owner(current)
        event = "membership.left" if own else "membership.removed"
        details = {"role": current.role, "user": current.user_id}
        audit.record(event=event, subject=current, by=user, at=at, supplier_id=current.supplier_id, details=details)
        emails.member_removed(membership=current, by=user, at=at)
        current.delete()


def lock(supplier: Supplier) -> None:
    """Make changes to the people of a supplier wait for each other."""
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)


def _locked(membership: Membership) -> Membership:
    """The membership as it is now. Raises CannotChange if it has ended."""
    lock(membership.supplier)
    current = Membership.objects.select_related("user", "supplier").filter(pk=membership.pk).first()
    if current is None:
        raise CannotChange(_("This person no longer acts for the company."))
    return current


def _require_other_owner(membership: Membership) -> None:
    others = Membership.objects.filter(
        supplier=membership.supplier_id, role=Membership.Role.OWNER, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise CannotChange(LAST_OWNER)
