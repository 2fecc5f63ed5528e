"""Asking a buyer: a text is drafted, its supplier approves it, it is sent, reminded of, withdrawn, or runs out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from infactor.core import audit
from infactor.core.transitions import move
from infactor.invoices.models import Invoice
from infactor.invoices.states import (
    FUNDED,
    MOVES,
    BooksStatus,
    State,
)
from infactor.suppliers import access, financing_status
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import (
    email_texts,
    emails,
    links,
    recipients,
    snapshots,
    subscribers,
)
from infactor.verification.models import Verification

log = structlog.get_logger(__name__)

# Nobody's buyer is written to more often than this about one invoice, whoever asks.
AT_MOST, WITHIN = 3, timedelta(days=7)
# Nor is one address by one supplier, about all its invoices together, in a day.
AT_MOST_A_DAY = 60
SHORTEST_LIFE, LONGEST_LIFE = timedelta(days=1), timedelta(days=60)
LIFE, REMIND_AFTER = timedelta(days=14), timedelta(days=4)
# A rejected invoice is submitted again first; a finished one is nobody's question any more.
NOT_ASKED_IN = (State.DRAFT, State.REJECTED, State.PAID, State.COMPLETED)
BOUGHT = "It is financed already, or was: your buyer need not confirm it any more."


class NotAskable(Exception):
    """This invoice's buyer cannot be asked now; the message says why, to whoever asked."""


class TooOften(NotAskable):
    """The buyer was written to about this invoice often enough for now."""


def draft(*, invoice: Invoice, by: User, at: datetime) -> Verification:
    """The open question about `invoice`, new with our own words if there is none. Sends nothing.

    `by` acts for its supplier. Raises roles.NotAllowed, NotAskable.
    """
    access.require_member(by=by, supplier=invoice.supplier)
    with transaction.atomic():
        locked = lock(invoice)
        _require_suppliers(invoice=locked)
        if (found := open_one(invoice=locked)) is not None:
            return found
        _require_unconfirmed(invoice=locked)
        subject, body = email_texts.default(invoice=locked)
        made = Verification.objects.create(
            supplier=locked.supplier,
            invoice=locked,
            to=recipients.first_of(invoice=locked),
            subject=subject,
            body=body,
            drafted_by=by,
            drafted_at=at,
            **facts_of(invoice=locked),
        )
        audit.record(event="verification.drafted", subject=made, by=by, at=at, supplier_id=made.supplier_id)
        return made


def approve_text(
    *, verification: Verification, by: User, subject: str, body: str, to: str, life: timedelta = LIFE, at: datetime
) -> Verification:
    """Send the question with the text that its supplier approves, about the invoice as it is now.

    The link lives for `life`. Raises roles.NotAllowed, NotAskable, texts.TextRefused, addresses.AddressRefused,
    MoveRefused if it was sent or withdrawn meanwhile.
    """
    access.require_member(by=by, supplier=verification.supplier)
    if not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        raise ValueError(f"A link lives from {SHORTEST_LIFE} to {LONGEST_LIFE}, not for {life}.")
    subject, body = email_texts.require_fit(subject=subject, body=body)
    to = recipients.require_buyers(address=to, supplier=verification.supplier)
    with transaction.atomic():
        invoice = lock(verification.invoice)
        _require_suppliers(invoice=invoice)
        _require_seldom(invoice=invoice, to=to, at=at)
        known = {address.casefold() for address in recipients.of_books(invoice=invoice)}
        address, mark = links.make(verification=verification)
        sent = move(
            verification,
            to=Verification.Status.SENT,
            moves=Verification.MOVES,
            by=by,
            at=at,
            supplier_id=verification.supplier_id,
            changes={
                **facts_of(invoice=invoice),
                "to": to,
                "address_changed": to.casefold() not in known,
                "subject": subject,
                "body": body,
                "approved_by": by,
                "approved_at": at,
                "sent_at": at,
                "expires_at": at + life,
                "links": [mark],
            },
        )
        email_texts.send(verification=sent, address=address, occasion="request")
        subscribers.announce(verification=sent, at=at, by=by)
        return sent


def withdraw(*, verification: Verification, by: User, at: datetime, reason: str = "") -> Verification:
    """End the question without an answer; its links say so. `by` acts for the supplier, or is staff who may record.

    Raises roles.NotAllowed, MoveRefused if it was answered, expired or withdrawn meanwhile.
    """
    _require_either(by=by, verification=verification)
    return _end(verification, to=Verification.Status.WITHDRAWN, by=by, at=at, reason=reason)


def resend(*, verification: Verification, by: User, at: datetime) -> Verification:
    """Send the mail once more, with a link beside the earlier ones. Staff only. Raises NotAllowed, NotAskable."""
    roles.require(by, "verification.record_answer")
    with transaction.atomic():
        invoice = lock(verification.invoice)
        found = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
        if found.status != Verification.Status.SENT or found.expires_at is None or found.expires_at <= at:
            raise NotAskable("This question is no longer open.")
        if is_stale(verification=found, invoice=invoice):
            raise NotAskable("The invoice was changed since. Withdraw the question, and let the supplier ask anew.")
        _send_again(found, at=at, occasion="resend", by=by)
        return found


def remind_due(*, at: datetime, after: timedelta = REMIND_AFTER) -> int:
    """Remind, once each, of the questions sent `after` ago that nobody answered; how many were."""
    due = Verification.objects.filter(
        status=Verification.Status.SENT,
        reminded_at=None,
        sent_at__lte=at - after,
        expires_at__gt=at,
        invoice__books_status__in=(BooksStatus.OPEN, BooksStatus.PARTLY_PAID),
    )
    return _watched(_remind, due, at=at)


def expire_due(*, at: datetime) -> int:
    """End the questions whose time is over, and tell their suppliers; how many were."""
    due = Verification.objects.filter(status=Verification.Status.SENT, expires_at__lte=at)
    return _watched(_expire, due, at=at)


def resubmit(*, invoice: Invoice, by: User, at: datetime) -> Invoice:
    """Put an invoice that its buyer rejected up for confirmation again. Raises NotAllowed, MoveRefused."""
    access.require_member(by=by, supplier=invoice.supplier)
    return move(invoice, to=State.CREATED, moves=MOVES, by=by, at=at, supplier_id=invoice.supplier_id)


def why_not(*, invoice: Invoice) -> str:
    """Why the buyer of `invoice` cannot be asked now, for its supplier; empty where they can."""
    try:
        _require_suppliers(invoice=invoice)
        _require_unconfirmed(invoice=invoice)
    except NotAskable as refusal:
        return str(refusal)
    return ""


def open_one(*, invoice: Invoice) -> Verification | None:
    """The question about `invoice` that nobody has ended yet."""
    return Verification.objects.filter(invoice=invoice, status__in=Verification.OPEN).first()


def lock(invoice: Invoice) -> Invoice:
    """`invoice` as it is now, and until the transaction ends. Whoever needs its question, too, takes this first."""
    locked: Invoice = (
        Invoice._base_manager.select_for_update(of=("self",)).select_related("supplier", "buyer").get(pk=invoice.pk)
    )
    return locked


def facts_of(*, invoice: Invoice) -> dict[str, Any]:
    """The columns of a question that hold what is asked."""
    return {
        "facts": snapshots.snapshot(invoice=invoice),
        "facts_digest": snapshots.digest_of(invoice=invoice),
        "balance_asked": invoice.balance,
        "currency": invoice.currency,
    }


def is_stale(*, verification: Verification, invoice: Invoice) -> bool:
    """Whether the invoice is no longer what the buyer is shown."""
    values = tuple(getattr(invoice, name) for name in snapshots.COMPARED)
    return snapshots.has_changed(
        facts_digest=verification.facts_digest, values=values, books_status=invoice.books_status
    )


def require_askable(*, invoice: Invoice) -> None:
    """Raises NotAskable where there is nothing to ask its buyer about."""
    if invoice.books_status not in (BooksStatus.OPEN, BooksStatus.PARTLY_PAID):
        raise NotAskable("Nothing is owed on this invoice any more.")
    if invoice.balance is None or invoice.balance <= 0 or not invoice.currency:
        raise NotAskable("The open amount of this invoice cannot be read. Correct it in QuickBooks first.")
    if not invoice.company_name and invoice.buyer is None:
        raise NotAskable("This invoice names no customer. Choose one in QuickBooks first.")
    if invoice.state == State.REJECTED:
        raise NotAskable("The buyer rejected this invoice. Put it right, submit it again, and then ask.")
    if invoice.state in NOT_ASKED_IN:
        raise NotAskable("This invoice needs no confirmation any more.")


def _require_suppliers(*, invoice: Invoice) -> None:
    """Raises NotAskable for its supplier alone: what staff hear by phone still counts."""
    if invoice.state in FUNDED:
        raise NotAskable(BOUGHT)
    if why := financing_status.unwanted(supplier=invoice.supplier):
        raise NotAskable(f"{why} Until that is cleared up no buyer is asked in our name.")
    require_askable(invoice=invoice)


def _require_unconfirmed(*, invoice: Invoice) -> None:
    last = Verification.objects.filter(invoice=invoice, answered_at__isnull=False).order_by("-answered_at", "-pk")
    found = last.first()
    is_whole = found is not None and found.status == Verification.Status.CONFIRMED
    if found is not None and is_whole and not is_stale(verification=found, invoice=invoice):
        raise NotAskable("The buyer has already confirmed this invoice.")


def _require_seldom(*, invoice: Invoice, to: str, at: datetime) -> None:
    if Verification.objects.filter(invoice=invoice, sent_at__gt=at - WITHIN).count() >= AT_MOST:
        raise TooOften(
            f"Your buyer was asked about this invoice {AT_MOST} times within {WITHIN.days} days. Give them some time."
        )
    lately = Verification.objects.filter(supplier=invoice.supplier, sent_at__gt=at - timedelta(days=1))
    if lately.filter(to__iexact=to).count() >= AT_MOST_A_DAY:
        raise TooOften(f"{to} was asked {AT_MOST_A_DAY} times within a day. Ask about the others tomorrow.")


def _require_either(*, by: User, verification: Verification) -> None:
    if by.is_staff:
        roles.require(by, "verification.record_answer")
    else:
        access.require_member(by=by, supplier=verification.supplier)


def _watched(act: Callable[..., bool], due: "QuerySet[Verification]", *, at: datetime) -> int:
    """How many of `due` something was done for. One that cannot be is told, and tried again; it stops no other."""
    done = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            done += act(pk, at=at)
        except Exception:
            log.exception("not_watched", step=act.__name__, verification=pk)
    return done


def _remind(pk: int, *, at: datetime) -> bool:
    with transaction.atomic():
        found = (
            Verification.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("supplier", "invoice")
            .filter(pk=pk, status=Verification.Status.SENT, reminded_at=None)
            .first()
        )
        # Who is asked about what is no longer so cannot answer; the supplier sees that on its page.
        if found is None or is_stale(verification=found, invoice=found.invoice):
            return False
        found.reminded_at = at
        _send_again(found, at=at, occasion="reminder", by=None)
        return True


def _send_again(found: Verification, *, at: datetime, occasion: str, by: User | None) -> None:
    address, mark = links.make(verification=found)
    found.links = [*found.links, mark]
    found.save(update_fields=["links", "reminded_at", "updated_at"])
    email_texts.send(verification=found, address=address, occasion=occasion, reminds=occasion == "reminder")
    audit.record(event=f"verification.{occasion}", subject=found, by=by, at=at, supplier_id=found.supplier_id)


def _expire(pk: int, *, at: datetime) -> bool:
    with transaction.atomic():
        found = (
            Verification.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=pk, status=Verification.Status.SENT, expires_at__lte=at)
            .first()
        )
        if found is None:
            return False
        emails.expired(verification=_end(found, to=Verification.Status.EXPIRED, by=None, at=at))
        return True


def _end(found: Verification, *, to: str, by: User | None, at: datetime, reason: str = "") -> Verification:
    with transaction.atomic():
        ended = move(found, to=to, moves=Verification.MOVES, by=by, at=at, supplier_id=found.supplier_id, reason=reason)
        subscribers.announce(verification=ended, at=at, by=by)
        return ended
