"""A supplier leaves: an owner asks to close the account once nothing is outstanding, and staff release the supplier.

From the request on nothing new is financed and QuickBooks is disconnected. The supplier can withdraw the request until
staff decide. Its data is kept as the rules of retention say.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core import audit, money, transitions
from infactor.financing import locks
from infactor.financing.accounting import positions
from infactor.financing.models import (
    OPEN_STATUSES,
    Advance,
    Case,
    Offer,
    Payout,
    RequestLine,
)
from infactor.financing.value_dates import supplier_today
from infactor.suppliers import agreements, emails, subscribers
from infactor.suppliers.access import require_member
from infactor.suppliers.models import AccountClosing, Application, Supplier
from infactor.users import roles
from infactor.users.models import User

RELEASE = "suppliers.release_supplier"
Status = AccountClosing.Status
ENDED = (Advance.Status.SETTLED, Advance.Status.REPURCHASED, Advance.Status.WRITTEN_OFF)
Disconnect = Callable[[int, int, datetime], None]

_disconnectors: list[Disconnect] = []


class CannotClose(ValueError):
    """The account cannot be closed now. `items` say what is outstanding, a sentence each. Nothing was written."""

    def __init__(self, items: list[str]) -> None:
        super().__init__(" ".join(items))
        self.items = items


def register_disconnect(disconnect: Disconnect) -> None:
    """Call `disconnect` with supplier, person and moment once a request to close is committed."""
    if disconnect not in _disconnectors:
        _disconnectors.append(disconnect)


def open_items(*, supplier: Supplier) -> list[str]:
    """What is outstanding between `supplier` and infactor, a sentence each. [] if the account can be closed."""
    found = []
    advances = Advance.objects.filter(supplier=supplier, status__in=OPEN_STATUSES)
    labels = dict(Advance.Status.choices)
    for status, number in advances.order_by("status").values_list("status").annotate(Count("pk")):
        text = ngettext(
            "%(count)s advance not closed yet (%(status)s).", "%(count)s advances not closed yet (%(status)s).", number
        )
        found.append(text % {"count": number, "status": str(labels[status]).lower()})
    lines = RequestLine.objects.filter(supplier=supplier, status=RequestLine.Status.WAITING).count()
    found += (
        [
            ngettext(
                "%(count)s invoice in a request under review.", "%(count)s invoices in a request under review.", lines
            )
            % {"count": lines}
        ]
        if lines
        else []
    )
    offers = Offer.objects.filter(supplier=supplier, status=Offer.Status.PROPOSED).count()
    found += (
        [
            ngettext("%(count)s offer waiting for your answer.", "%(count)s offers waiting for your answer.", offers)
            % {"count": offers}
        ]
        if offers
        else []
    )
    ended = (Payout.Status.CONFIRMED, Payout.Status.REPLACED, Payout.Status.CANCELLED)
    payouts = Payout.objects.filter(supplier=supplier).exclude(status__in=ended).count()
    found += (
        [
            ngettext(
                "%(count)s payout not paid or not confirmed by the bank yet.",
                "%(count)s payouts not paid or not confirmed by the bank yet.",
                payouts,
            )
            % {"count": payouts}
        ]
        if payouts
        else []
    )
    cases = Case.objects.filter(supplier=supplier, closed_at__isnull=True).count()
    found += (
        [
            ngettext(
                "%(count)s open question about a financed invoice.",
                "%(count)s open questions about a financed invoice.",
                cases,
            )
            % {"count": cases}
        ]
        if cases
        else []
    )
    for one in positions.supplier_balances(supplier=supplier):
        found += (
            [
                _("You owe us %(due_from_supplier)s %(currency)s.")
                % {"due_from_supplier": money.format_amount(one.due_from_supplier, ""), "currency": one.currency}
            ]
            if one.due_from_supplier
            else []
        )
        found += (
            [
                _("We owe you %(payable_to_supplier)s %(currency)s.")
                % {"payable_to_supplier": money.format_amount(one.payable_to_supplier, ""), "currency": one.currency}
            ]
            if one.payable_to_supplier
            else []
        )
    return found


def current(*, supplier: Supplier) -> AccountClosing | None:
    """The request that is open, or the release; None if the supplier does not leave."""
    rows = AccountClosing.objects.filter(supplier=supplier, status__in=[Status.REQUESTED, Status.RELEASED])
    return rows.select_related("requested_by", "decided_by").first()


def request(*, supplier: Supplier, reason: str, by: User | None, at: datetime) -> AccountClosing:
    """Ask to close the account. Asking again returns the open request. Raises CannotClose, and roles.NotAllowed."""
    user = require_member(by=by, supplier=supplier, owner=True)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=supplier.pk)
        earlier = current(supplier=supplier)
        if earlier is not None:
            return earlier
        if items := open_items(supplier=supplier):
            raise CannotClose(items)
        made = AccountClosing.objects.create(
            supplier=supplier, reason=reason.strip()[:500], requested_by=user, requested_at=at
        )
        audit.record(event="closing.requested", subject=made, by=user, at=at, supplier_id=supplier.pk)
        emails.closing_changed(closing=made, name="closing_requested", at=at)
        subscribers.notify(supplier_ids=[supplier.pk])
        for disconnect in _disconnectors:
            transaction.on_commit(partial(disconnect, supplier.pk, user.pk, at))
        return made


def withdraw(*, closing: AccountClosing, by: User | None, at: datetime) -> AccountClosing:
    """Stay after all. Raises transitions.TransitionNotAllowed once staff decided, and roles.NotAllowed."""
    user = require_member(by=by, supplier=closing.supplier, owner=True)
    return _end(closing, to=Status.WITHDRAWN, by=user, at=at, values={"decided_at": at})


def decline(*, closing: AccountClosing, decision: str, by: User | None, at: datetime) -> AccountClosing:
    """Keep the account open, for a reason that the supplier reads. Raises as `release`."""
    user = roles.require(by, RELEASE)
    values = {"decided_at": at, "decided_by": user, "decision": decision}
    return _end(closing, to=Status.DECLINED, by=user, at=at, values=values, reason=decision)


def release(*, closing: AccountClosing, decision: str, by: User | None, at: datetime) -> AccountClosing:
    """Release the supplier for good: it can print the release letter from now on.

    Raises CannotClose if something is outstanding, transitions.TransitionNotAllowed if the request has ended,
    roles.NotAllowed without `suppliers.release_supplier` or for who acts for the supplier.
    """
    user = roles.require(by, RELEASE)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=closing.supplier_id)
        if items := open_items(supplier=closing.supplier):
            raise CannotClose(items)
        letter = _letter(closing.supplier, by=user, at=at)
        values = {"decided_at": at, "decided_by": user, "decision": decision, "letter": letter}
        return _end(closing, to=Status.RELEASED, by=user, at=at, values=values, reason=decision)


def _end(
    closing: AccountClosing,
    *,
    to: AccountClosing.Status,
    by: User,
    at: datetime,
    values: dict[str, object],
    reason: str = "",
) -> AccountClosing:
    with transaction.atomic():
        ended = transitions.move(
            closing,
            to=to,
            transitions=AccountClosing.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=closing.supplier_id,
            reason=reason,
            changes=values,
        )
        emails.closing_changed(closing=ended, name=f"closing_{to}", at=at)
        subscribers.notify(supplier_ids=[closing.supplier_id])
        return ended


def _letter(supplier: Supplier, *, by: User, at: datetime) -> dict[str, object]:
    """What is released, when, and by whom, as the letter says it for good."""
    application = Application.objects.filter(supplier=supplier).only("legal_name").first()
    accepted = agreements.latest_acceptance(supplier=supplier)
    ended = Advance.objects.filter(supplier=supplier, status__in=ENDED)
    totals: dict[str, Decimal] = {}
    for currency, amount in ended.values_list("currency", "amount"):
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return {
        "company": (application.legal_name if application else "") or supplier.name,
        "day": supplier_today(supplier=supplier, at=at).isoformat(),
        "released_by": by.name or by.email,
        "agreement": accepted.text.version if accepted else None,
        "accepted_on": accepted.at.date().isoformat() if accepted else "",
        "advances": ended.count(),
        "totals": {currency: str(amount) for currency, amount in sorted(totals.items())},
    }
