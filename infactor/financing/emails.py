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
from infactor.financing.accounting import references
from infactor.financing.accounting.payoff import Repurchase, Settlement
from infactor.financing.models import (
    Advance,
    Case,
    Collection,
    CollectionAllocation,
    Correction,
    Netting,
    Offer,
    OfferLine,
    Payout,
    RequestLine,
)
from infactor.suppliers.models import Membership, Supplier
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


def funded(*, advance: Advance, payout: Payout | None, netted: Decimal) -> None:
    """`netted` of the advance paid what the supplier owed; without a payout all of it did."""
    _enqueue(advance.supplier_id, "funded", advance.ledger_owner, advance=advance, payout=payout, netted=netted)


def partly_paid(*, advance: Advance, allocation: CollectionAllocation) -> None:
    _enqueue(advance.supplier_id, "partly_paid", f"allocation:{allocation.pk}", advance=advance, allocation=allocation)


def buyer_paid(*, advance: Advance) -> None:
    """One for each time that it is paid in full: a payment may be returned and come again."""
    _enqueue(advance.supplier_id, "buyer_paid", _occasion(advance), advance=advance)


def closed_short(*, advance: Advance, shortage: Decimal) -> None:
    """Nothing is outstanding any more, although the buyer paid `shortage` less."""
    _enqueue(advance.supplier_id, "closed_short", _occasion(advance), advance=advance, shortage=shortage)


def settled(*, advance: Advance, settlement: Settlement) -> None:
    """One for each settlement: one that was taken back is followed by another."""
    occurrence = _numbered(advance, "settled")
    _enqueue(advance.supplier_id, "settled", occurrence, advance=advance, settlement=settlement)


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
    occurrence = _numbered(advance, "repurchased")
    _enqueue(advance.supplier_id, "repurchased", occurrence, advance=advance, repurchase=repurchase)


def written_off(*, advance: Advance) -> None:
    _enqueue(advance.supplier_id, "written_off", _numbered(advance, "written-off"), advance=advance)


def payment_returned(*, advance: Advance, amount: Decimal, collection: Collection, reason: str) -> None:
    """`advance` as it is after the return. A rebate that was paid is owed until its invoice is paid again."""
    occurrence = f"{collection.ledger_owner}:{advance.pk}"
    rebates = advance.payouts.filter(purpose=Payout.Purpose.REBATE, reclaimed_on=collection.returned_on)
    reclaimed = sum((one.amount for one in rebates if collection.returned_on is not None), Decimal(0))
    context = {"amount": amount, "reason": reason, "reclaimed": reclaimed}
    _enqueue(advance.supplier_id, "payment_returned", occurrence, advance=advance, **context)


def corrected(*, correction: Correction, supplier: Supplier) -> None:
    """infactor put something right that concerns `supplier`."""
    context = {"advance": correction.advance} if correction.advance is not None else {}
    _enqueue(supplier.pk, "corrected", f"correction:{correction.pk}", correction=correction, **context)


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


def surplus_remitted(*, payout: Payout, netted: Decimal) -> None:
    """`netted` of the surplus paid what the supplier owed, besides the payout."""
    _enqueue(payout.supplier_id, "surplus_remitted", payout.ledger_owner, payout=payout, netted=netted)


def surplus_netted(*, netting: Netting) -> None:
    """All of a surplus paid what the supplier owed: nothing was paid out."""
    _enqueue(netting.supplier_id, "surplus_netted", netting.ledger_owner, netting=netting)


def payout_failed(*, payout: Payout, is_purchase: bool) -> None:
    """`is_purchase`: nothing is bought any more by it, so the buyer was told to pay the supplier."""
    _enqueue(payout.supplier_id, "payout_failed", payout.ledger_owner, payout=payout, is_purchase=is_purchase)


def payout_resent(*, payout: Payout, is_purchase: bool) -> None:
    """`is_purchase`: it buys the invoice after all, so the buyer got a new notice of assignment."""
    _enqueue(payout.supplier_id, "payout_resent", payout.ledger_owner, payout=payout, is_purchase=is_purchase)


def _occasion(advance: Advance) -> str:
    """What tells one time that the advance is paid from the next: its payments and short payments so far."""
    payments = CollectionAllocation.objects.filter(advance=advance).count()
    shorts = len(references.in_force(owner=advance.ledger_owner, step="short"))
    return f"{advance.ledger_owner}:{payments}:{shorts}" if shorts else f"{advance.ledger_owner}:{payments}"


def _numbered(advance: Advance, step: str) -> str:
    """The advance, with a number from the second time on that it went through `step`."""
    return references.next_reference(owner=advance.ledger_owner, step=step).replace(f":{step}", "", 1)


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
