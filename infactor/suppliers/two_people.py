"""Two people accept offers: an owner may switch it on, and two people switch it off again.

One person of owner or Finance proposes, another person, an owner, confirms. Whoever leaves, the rule stays: nobody ever
binds the company alone. A company with one person left invites a second one; every owner hears of an invitation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.suppliers import emails, people
from infactor.suppliers.access import require_member
from infactor.suppliers.models import AcceptanceRule, Membership, Supplier
from infactor.users.models import User

Role = Membership.Role
PROPOSERS = (Role.OWNER, Role.FINANCE)
OFF_REQUEST_VALID_FOR = timedelta(days=7)


class CannotSwitch(ValueError):
    """The rule cannot be switched in this way; the message says why. Nothing was written."""


@dataclass(frozen=True)
class State:
    """How a supplier accepts. `off_requested_by` asked to switch it off, and waits for a second person."""

    needs_two: bool
    off_requested_by: User | None = None
    off_until: datetime | None = None


def state(*, supplier: Supplier, at: datetime) -> State:
    """How `supplier` accepts now. A request to switch off that nobody confirmed in time is none any more."""
    rule = AcceptanceRule.objects.filter(supplier=supplier).select_related("off_requested_by").first()
    if rule is None:
        return State(needs_two=False)
    if rule.off_requested_at is None or rule.off_requested_at + OFF_REQUEST_VALID_FOR <= at:
        return State(needs_two=rule.needs_two)
    return State(rule.needs_two, rule.off_requested_by, rule.off_requested_at + OFF_REQUEST_VALID_FOR)


def is_needed(*, supplier: Supplier) -> bool:
    """Whether two people must accept. Asked under the lock of the supplier where something depends on it."""
    return AcceptanceRule.objects.filter(supplier=supplier, needs_two=True).exists()


def is_eligible(*, user: User, supplier: Supplier) -> bool:
    """Whether `user` still acts for `supplier` as one who may propose."""
    return Membership.objects.filter(supplier=supplier, user=user, user__is_active=True, role__in=PROPOSERS).exists()


def has_confirmer(*, supplier: Supplier, besides: User) -> bool:
    """Whether an owner other than `besides` could confirm what `besides` proposes."""
    owners = Membership.objects.filter(supplier=supplier, role=Role.OWNER, user__is_active=True)
    return owners.exclude(user=besides).exists()


def switch_on(*, supplier: Supplier, by: User | None, at: datetime) -> None:
    """Two people accept from now on. Again is no change. Raises CannotSwitch with one person only, roles.NotAllowed."""
    user = require_member(by=by, supplier=supplier, owner=True)
    with transaction.atomic():
        people.lock(supplier)
        able = Membership.objects.filter(supplier=supplier, user__is_active=True, role__in=PROPOSERS)
        if able.count() < 2:
            raise CannotSwitch(
                _("You are the only one who can accept offers. First invite a second owner, or somebody for Finance.")
            )
        rule, _is_new = AcceptanceRule.objects.get_or_create(supplier=supplier)
        if not rule.needs_two:
            rule.needs_two = True
            _record(rule, "acceptance_rule.on", by=user, at=at)


def ask_to_switch_off(*, supplier: Supplier, by: User | None, at: datetime) -> None:
    """Ask that one person be enough again. Another owner has to confirm it. Raises CannotSwitch, roles.NotAllowed."""
    user = require_member(by=by, supplier=supplier)
    with transaction.atomic():
        people.lock(supplier)
        rule, waiting = _rule(supplier, at=at)
        if waiting.off_requested_by is not None:
            raise CannotSwitch(_("%(person)s has asked for this already.") % {"person": waiting.off_requested_by.email})
        if not has_confirmer(supplier=supplier, besides=user):
            raise CannotSwitch(_("Another owner has to confirm this, and there is none. Invite one first."))
        rule.off_requested_by, rule.off_requested_at = user, at
        _record(rule, "acceptance_rule.off_requested", by=user, at=at)


def keep_on(*, supplier: Supplier, by: User | None, at: datetime) -> None:
    """End the request to switch it off. Raises CannotSwitch if there is none, roles.NotAllowed."""
    user = require_member(by=by, supplier=supplier)
    with transaction.atomic():
        people.lock(supplier)
        rule, waiting = _rule(supplier, at=at)
        if waiting.off_requested_by is None:
            raise CannotSwitch(_("Nobody has asked to switch this off."))
        rule.off_requested_by = rule.off_requested_at = None
        _record(rule, "acceptance_rule.kept_on", by=user, at=at)


def switch_off(*, supplier: Supplier, by: User | None, at: datetime) -> None:
    """Confirm that one person is enough again. Raises CannotSwitch for who asked for it, and roles.NotAllowed."""
    user = require_member(by=by, supplier=supplier, owner=True)
    with transaction.atomic():
        people.lock(supplier)
        rule, waiting = _rule(supplier, at=at)
        if waiting.off_requested_by is None:
            raise CannotSwitch(_("Nobody has asked to switch this off, or it was too long ago."))
        if waiting.off_requested_by == user:
            raise CannotSwitch(_("You asked for this yourself. Another owner has to confirm it."))
        if not is_eligible(user=waiting.off_requested_by, supplier=supplier):
            raise CannotSwitch(_("Whoever asked for this no longer acts for the company. Ask for it again."))
        rule.needs_two, rule.off_requested_by, rule.off_requested_at = False, None, None
        _record(rule, "acceptance_rule.off", by=user, at=at)


def _rule(supplier: Supplier, *, at: datetime) -> tuple[AcceptanceRule, State]:
    """The rule, which must be on, and its state. Raises CannotSwitch."""
    rule = AcceptanceRule.objects.filter(supplier=supplier, needs_two=True).first()
    if rule is None:
        raise CannotSwitch(_("One person is enough to accept an offer."))
    return rule, state(supplier=supplier, at=at)


def _record(rule: AcceptanceRule, event: str, *, by: User, at: datetime) -> None:
    rule.save()
    audit.record(event=event, subject=rule, by=by, at=at, supplier_id=rule.supplier_id)
    emails.acceptance_rule_changed(rule=rule, event=event.partition(".")[2], by=by, at=at)
