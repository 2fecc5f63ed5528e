"""What a supplier's people are told of its financing, in the app and by email: once for each event."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

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
    PayoutBatch,
    RequestLine,
)
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.suppliers import notifications
from infactor.suppliers.models import NotificationKind, Supplier
from infactor.suppliers.notifications import Event

# What the reader may switch off; every other event concerns what the company is owed or owes, and is LEGAL.
KINDS = {
    **dict.fromkeys(
        (
            *("request_refused", "request_cancelled"),
            "offer_made",
            "offer_withdrawn",
            *("offer_expired", "acceptance_proposed", "acceptance_withdrawn"),
            "advance_cancelled",
        ),
        NotificationKind.OFFERS,
    ),
    "statement_ready": NotificationKind.STATEMENTS,
    **dict.fromkeys(
        (
            "funded",
            "partly_paid",
            "buyer_paid",
            "settled",
            "surplus_remitted",
            "surplus_netted",
            "payout_sent",
            "payout_delayed",
            "payout_resent",
            "payout_arrived_after_all",
        ),
        NotificationKind.MONEY,
    ),
}


def request_refused(*, line: RequestLine) -> None:
    enqueue(line.supplier_id, "request_refused", f"request_line:{line.pk}", line=line)


def request_cancelled(*, line: RequestLine) -> None:
    enqueue(line.supplier_id, "request_cancelled", f"request_line:{line.pk}", line=line)


def offer_made(*, offer: Offer) -> None:
    lines = _lines(offer)
    cash = sum((line.cash for line in lines), Decimal(0))
    enqueue(offer.supplier_id, "offer_made", f"offer:{offer.pk}", offer=offer, lines=lines, cash=cash)


def offer_withdrawn(*, offer: Offer) -> None:
    enqueue(offer.supplier_id, "offer_withdrawn", f"offer:{offer.pk}", offer=offer, invoice_names=_invoices(offer))


def offer_expired(*, offer: Offer) -> None:
    enqueue(offer.supplier_id, "offer_expired", f"offer:{offer.pk}", offer=offer, invoice_names=_invoices(offer))


def offer_accepted(*, offer: Offer, advances: list[Advance]) -> None:
    cash = sum((advance.cash for advance in advances), Decimal(0))
    enqueue(offer.supplier_id, "offer_accepted", f"offer:{offer.pk}", offer=offer, advances=advances, cash=cash)


def advance_cancelled(*, advance: Advance) -> None:
    enqueue(advance.supplier_id, "advance_cancelled", advance.ledger_owner, advance=advance)


def funded(*, advance: Advance, payout: Payout | None, netted: Decimal) -> None:
    """`netted` of the advance paid what the supplier owed; without a payout all of it did."""
    enqueue(advance.supplier_id, "funded", advance.ledger_owner, advance=advance, payout=payout, netted=netted)


def partly_paid(*, advance: Advance, allocation: CollectionAllocation) -> None:
    enqueue(advance.supplier_id, "partly_paid", f"allocation:{allocation.pk}", advance=advance, allocation=allocation)


def buyer_paid(*, advance: Advance) -> None:
    """One for each time that it is paid in full: a payment may be returned and come again."""
    enqueue(advance.supplier_id, "buyer_paid", _occasion(advance), advance=advance)


def buyers_paid(*, advances: Sequence[Advance]) -> None:
    """`buyer_paid` for many advances without short payments, in few queries."""
    rows = CollectionAllocation.objects.filter(advance__in=advances).order_by()
    payments = dict(rows.values_list("advance").annotate(Count("pk")))
    notifications.notify_all(
        (
            _event(one.supplier_id, "buyer_paid", f"{one.ledger_owner}:{payments[one.pk]}", advance=one)
            for one in advances
        ),
        at=timezone.now(),
    )


def closed_short(*, advance: Advance, shortage: Decimal) -> None:
    """Nothing is outstanding any more, although the buyer paid `shortage` less."""
    enqueue(advance.supplier_id, "closed_short", _occasion(advance), advance=advance, shortage=shortage)


def settled(*, advance: Advance, settlement: Settlement) -> None:
    """One for each settlement: one that was taken back is followed by another."""
    occurrence = _numbered(advance, "settled")
    enqueue(advance.supplier_id, "settled", occurrence, advance=advance, settlement=settlement)


def short_payment_accepted(*, advance: Advance, number: int, amount: Decimal, reason: str) -> None:
    """`number` counts the short payments of the advance: the same amount twice is two emails."""
    enqueue(
        advance.supplier_id,
        "short_payment_accepted",
        f"{advance.ledger_owner}:{number}",
        advance=advance,
        amount=amount,
        reason=reason,
    )


def repurchased(*, advance: Advance, repurchase: Repurchase) -> None:
    occurrence = _numbered(advance, "repurchased")
    pay_to = instructions_or_reference(public_id=advance.supplier.public_id, currency=advance.currency)
    enqueue(advance.supplier_id, "repurchased", occurrence, advance=advance, repurchase=repurchase, pay_to=pay_to)


def written_off(*, advance: Advance) -> None:
    enqueue(advance.supplier_id, "written_off", _numbered(advance, "written-off"), advance=advance)


def payment_returned(*, advance: Advance, amount: Decimal, collection: Collection, reason: str) -> None:
    """`advance` as it is after the return. A rebate that was paid is owed until its invoice is paid again."""
    occurrence = f"{collection.ledger_owner}:{advance.pk}"
    if taken_back := collection.corrections.filter(kind=Correction.Kind.RETURN).count():
        occurrence += f":{taken_back + 1}"
    rebates = advance.payouts.filter(purpose=Payout.Purpose.REBATE, reclaimed_on=collection.returned_on)
    reclaimed = sum((one.amount for one in rebates if collection.returned_on is not None), Decimal(0))
    context = {"amount": amount, "reason": reason, "reclaimed": reclaimed}
    enqueue(advance.supplier_id, "payment_returned", occurrence, advance=advance, **context)


def corrected(*, correction: Correction, supplier: Supplier) -> None:
    """infactor put something right that concerns `supplier`."""
    context = {"advance": correction.advance} if correction.advance is not None else {}
    enqueue(supplier.pk, "corrected", f"correction:{correction.pk}", correction=correction, **context)


def case_opened(*, case: Case) -> None:
    """One for each revision: what the watch finds is mailed once, and again only when something new is found."""
    pay_to = instructions_or_reference(public_id=case.supplier.public_id, currency=case.advance.currency)
    enqueue(case.supplier_id, f"{case.kind}_opened", revision(case), case=case, advance=case.advance, pay_to=pay_to)


def case_closed(*, case: Case) -> None:
    enqueue(case.supplier_id, "case_closed", revision(case), case=case, advance=case.advance)


def revision(case: Case) -> str:
    """What the mails about one state of a case have in their key."""
    return f"case:{case.pk}" if case.revision == 1 else f"case:{case.pk}:{case.revision}"


def surplus_remitted(*, payout: Payout, netted: Decimal) -> None:
    """`netted` of the surplus paid what the supplier owed, besides the payout."""
    if payout.supplier_id is not None:
        enqueue(payout.supplier_id, "surplus_remitted", payout.ledger_owner, payout=payout, netted=netted)


def surplus_netted(*, netting: Netting) -> None:
    """All of a surplus paid what the supplier owed: nothing was paid out."""
    enqueue(netting.supplier_id, "surplus_netted", netting.ledger_owner, netting=netting)


def payout_sent(*, payout: Payout, execution_day: date | None) -> None:
    """It is in a file for the bank, perhaps not for the first time. A refund to a payer is nobody's email here."""
    if payout.supplier_id is not None:
        occurrence = f"{payout.ledger_owner}:batch:{payout.batch_id}"
        if payout.batch is not None and payout.batch.reinstated_at is not None:
            occurrence += f":{payout.batch.reinstated_at:%Y%m%d%H%M%S}"
        enqueue(payout.supplier_id, "payout_sent", occurrence, payout=payout, execution_day=execution_day)


def payout_delayed(*, payout: Payout, batch: PayoutBatch) -> None:
    """The file that it was in is withdrawn: what the email before said is not so."""
    if payout.supplier_id is not None:
        occurrence = f"{payout.ledger_owner}:batch:{batch.pk}:{batch.withdrawn_at:%Y%m%d%H%M%S}"
        enqueue(payout.supplier_id, "payout_delayed", occurrence, payout=payout)


def payout_failed(*, payout: Payout, is_purchase: bool) -> None:
    """Returned by the bank, or stopped before it was sent.

    `is_purchase`: nothing is bought any more by it, so the buyer was told to pay the supplier.
    """
    if payout.supplier_id is not None:
        enqueue(payout.supplier_id, "payout_failed", failure_key(payout), payout=payout, is_purchase=is_purchase)


def payout_arrived_after_all(*, payout: Payout, line_id: int, is_purchase: bool) -> None:
    """What the email before said was a mistake: `line_id` was not its return. `is_purchase`: the invoice is bought."""
    if payout.supplier_id is not None:
        occurrence = f"{payout.ledger_owner}:line:{line_id}"
        enqueue(payout.supplier_id, "payout_arrived_after_all", occurrence, payout=payout, is_purchase=is_purchase)


def payout_resent(*, payout: Payout, is_purchase: bool, netted: Decimal, is_whole: bool) -> None:
    """`is_purchase`: it buys the invoice after all, so the buyer got a new notice of assignment.

    `netted` of it paid what the supplier owed; all of it, if `is_whole`.
    """
    context = {"payout": payout, "is_purchase": is_purchase, "netted": netted, "is_whole": is_whole}
    if payout.supplier_id is not None:
        enqueue(payout.supplier_id, "payout_resent", payout.ledger_owner, **context)


def _occasion(advance: Advance) -> str:
    """What tells one time that the advance is paid from the next: its payments and short payments so far."""
    payments = CollectionAllocation.objects.filter(advance=advance).count()
    shorts = len(references.in_force(owner=advance.ledger_owner, step="short"))
    return f"{advance.ledger_owner}:{payments}:{shorts}" if shorts else f"{advance.ledger_owner}:{payments}"


def _numbered(advance: Advance, step: str) -> str:
    """The advance, with a number from the second time on that it went through `step`."""
    return references.next_reference(owner=advance.ledger_owner, step=step).replace(f":{step}", "", 1)


def _lines(offer: Offer) -> list[OfferLine]:
    return list(offer.lines.select_related("invoice", "offer__terms").order_by("pk"))


def _invoices(offer: Offer) -> str:
    """The invoices of the offer: invoice 1001, invoice 1002."""
    return ", ".join(str(line.invoice) for line in _lines(offer))


def _link(event: str, **context: Any) -> str:
    """The address of the page where the supplier reads more or acts."""
    if event == "payout_failed":
        return reverse("dashboard:bank")
    if event == "statement_ready":
        return f"{reverse('dashboard:statement')}?from={context['start']}&to={context['end']}"
    if "offer" in context:
        return reverse("dashboard:offer", args=[context["offer"].public_id])
    row = context.get("advance") or context.get("line")
    if row is not None:
        return reverse("dashboard:invoice", args=[row.invoice.public_id])
    return reverse("dashboard:statement")


def failure_key(payout: Payout) -> str:
    """What names a failure of `payout`: one that was taken back may be followed by another."""
    return payout.ledger_owner if payout.credit_line_id is None else f"{payout.ledger_owner}:{payout.credit_line_id}"


def enqueue(supplier_id: int, event: str, occurrence: str, **context: Any) -> None:
    """Tell the people of the supplier of `event`. `occurrence` keeps them from being told twice."""
    notifications.notify(_event(supplier_id, event, occurrence, **context), at=timezone.now())


def _event(supplier_id: int, event: str, occurrence: str, **context: Any) -> Event:
    return notifications.from_templates(
        supplier_id=supplier_id,
        kind=KINDS.get(event, NotificationKind.LEGAL),
        key=f"financing.{event}:{occurrence}",
        path=_link(event, **context),
        template=f"financing/email/{event}",
        context=context,
    )
