"""E-mails to a supplier's owners row its financing: one for each event, through the outbox, never twice."""

from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.core.email import outbox
from infactor.financing.accounting.payoff import Repurchase, Settlement
from infactor.financing.models import (
    Advance,
    Case,
    Collection,
    CollectionAllocation,
    Offer,
    OfferLine,
    Payout,
    RequestLine,
)
from infactor.suppliers.models import Membership
from infactor.users.models import User


def request_refused(*, line: RequestLine) -> None:
    _enqueue(line.supplier_id, "request_refused", f"request_line:{line.pk}", line=line)


def request_cancelled(*, line: RequestLine) -> None:
    _enqueue(line.supplier_id, "request_cancelled", f"request_line:{line.pk}", line=line)


def offer_made(*, offer: Offer) -> None:
    lines = _lines(offer)
    cash = sum((line.advance for line in lines), Decimal(0))
    _enqueue(offer.supplier_id, "offer_made", f"offer:{offer.pk}", offer=offer, lines=lines, cash=cash)


def offer_withdrawn(*, offer: Offer) -> None:
    _enqueue(offer.supplier_id, "offer_withdrawn", f"offer:{offer.pk}", offer=offer, lines=_lines(offer))


def offer_expired(*, offer: Offer) -> None:
    _enqueue(offer.supplier_id, "offer_expired", f"offer:{offer.pk}", offer=offer, lines=_lines(offer))


def offer_accepted(*, offer: Offer, advances: list[Advance]) -> None:
    cash = sum((advance.amount for advance in advances), Decimal(0))
    _enqueue(offer.supplier_id, "offer_accepted", f"offer:{offer.pk}", offer=offer, advances=advances, cash=cash)


def advance_cancelled(*, advance: Advance) -> None:
    _enqueue(advance.supplier_id, "advance_cancelled", advance.ledger_owner, advance=advance)


def funded(*, advance: Advance, payout: Payout) -> None:
    _enqueue(advance.supplier_id, "funded", advance.ledger_owner, advance=advance, payout=payout)


def partly_paid(*, advance: Advance, allocation: CollectionAllocation) -> None:
    _enqueue(advance.supplier_id, "partly_paid", f"allocation:{allocation.pk}", advance=advance, allocation=allocation)


def buyer_paid(*, advance: Advance) -> None:
    """One for each time that it is payments in full: a payment may be returned and come again."""
    payments = CollectionAllocation.objects.filter(advance=advance).count()
    _enqueue(advance.supplier_id, "buyer_paid", f"{advance.ledger_owner}:{payments}", advance=advance)


def settled(*, advance: Advance, settlement: Settlement) -> None:
    _enqueue(advance.supplier_id, "settled", advance.ledger_owner, advance=advance, settlement=settlement)


def short_payment_accepted(*, advance: Advance, number: int, amount: Decimal, reason: str) -> None:
    """`number` counts the short payments of the advance: the same amount twice is two e-mails."""
    _enqueue(
        advance.supplier_id,
        "short_payment_accepted",
        f"{advance.ledger_owner}:{number}",
        advance=advance,
        amount=amount,
        reason=reason,
    )


def repurchased(*, advance: Advance, repurchase: Repurchase) -> None:
    _enqueue(advance.supplier_id, "repurchased", advance.ledger_owner, advance=advance, repurchase=repurchase)


def written_off(*, advance: Advance) -> None:
    _enqueue(advance.supplier_id, "written_off", advance.ledger_owner, advance=advance)


def payment_returned(*, advance: Advance, amount: Decimal, collection: Collection, reason: str) -> None:
    occurrence = f"{collection.ledger_owner}:{advance.pk}"
    _enqueue(advance.supplier_id, "payment_returned", occurrence, advance=advance, amount=amount, reason=reason)


def case_opened(*, case: Case) -> None:
    """One for each revision: what the watch finds is mailed once, and again only when something new is found."""
    _enqueue(case.supplier_id, f"{case.kind}_opened", _revision(case), case=case, advance=case.advance)


def case_closed(*, case: Case) -> None:
    _enqueue(case.supplier_id, "case_closed", _revision(case), case=case, advance=case.advance)


def case_for_staff(*, case: Case) -> None:
    """One for each revision, for everybody who may decide cases."""
    page = urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("admin:financing_case_change", args=[case.pk]))
    if settings.ADMIN_HOST:
        page = urljoin(f"https://{settings.ADMIN_HOST}", reverse("admin:financing_case_change", args=[case.pk]))
    values = {"case": case, "advance": case.advance, "supplier": case.supplier, "address": page}
    may_decide = Q(groups__permissions__codename="resolve_disputes") | Q(user_permissions__codename="resolve_disputes")
    for member in User.objects.filter(may_decide, is_active=True, is_staff=True).distinct():
        outbox.enqueue(
            key=f"financing.staff_case:{_revision(case)}:{member.pk}",
            to=member.email,
            subject=render_to_string("financing/email/staff_case_subject.txt", values),
            body=render_to_string("financing/email/staff_case_message.txt", values),
            supplier_id=case.supplier_id,
        )


def _revision(case: Case) -> str:
    return f"case:{case.pk}" if case.revision == 1 else f"case:{case.pk}:{case.revision}"


def surplus_remitted(*, payout: Payout) -> None:
    _enqueue(payout.supplier_id, "surplus_remitted", payout.ledger_owner, payout=payout)


def payout_failed(*, payout: Payout, is_purchase: bool) -> None:
    """`is_purchase`: nothing is bought any more by it, so the buyer was told to pay the supplier."""
    _enqueue(payout.supplier_id, "payout_failed", payout.ledger_owner, payout=payout, is_purchase=is_purchase)


def payout_resent(*, payout: Payout, is_purchase: bool) -> None:
    """`is_purchase`: it buys the invoice after all, so the buyer got a new notice of assignment."""
    _enqueue(payout.supplier_id, "payout_resent", payout.ledger_owner, payout=payout, is_purchase=is_purchase)


def _lines(offer: Offer) -> list[OfferLine]:
    return list(offer.lines.select_related("invoice").order_by("pk"))


def _link(event: str, **context: Any) -> str:
    """The address of the page where the supplier reads more or acts."""
    if event == "payout_failed":
        return reverse("dashboard:bank")
    if "offer" in context:
        return reverse("dashboard:offer", args=[context["offer"].public_id])
    row = context.get("advance") or context.get("line")
    if row is not None:
        return reverse("dashboard:invoice", args=[row.invoice.public_id])
    return reverse("dashboard:statement")


def _enqueue(supplier_id: int, event: str, occurrence: str, **context: Any) -> None:
    """Enqueue the e-mail of `event` for every owner of the supplier. `occurrence` keeps it from being sent twice."""
    owners = Membership.objects.filter(
        supplier=supplier_id, role=Membership.Role.OWNER, user__is_active=True
    ).select_related("user", "supplier")
    for owner in owners:
        values = {
            "supplier": owner.supplier,
            "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, _link(event, **context)),
            "support_email": settings.SUPPORT_EMAIL,
            **context,
        }
        with timezone.override(owner.supplier.zone):  # as on the supplier's pages
            subject = render_to_string(f"financing/email/{event}_subject.txt", values)
            body = render_to_string(f"financing/email/{event}_message.txt", values)
        outbox.enqueue(
            key=f"financing.{event}:{occurrence}:{owner.user_id}",
            to=owner.user.email,
            subject=subject,
            body=body,
            supplier_id=supplier_id,
        )
