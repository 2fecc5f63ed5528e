"""Verification requests to buyers: draft, approve and send, withdraw, expire."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from infactor.core import audit
from infactor.core.transitions import TransitionNotAllowed, move
from infactor.invoices.models import Invoice
from infactor.invoices.states import TRANSITIONS, State
from infactor.suppliers import access
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import (
    email_texts,
    emails,
    links,
    preconditions,
    rate_limits,
    recipients,
    snapshots,
    subscribers,
)
from infactor.verification.models import Verification

log = structlog.get_logger(__name__)

MIN_LINK_LIFETIME, LINK_LIFETIME, MAX_LINK_LIFETIME = timedelta(days=1), timedelta(days=14), timedelta(days=60)


def draft(*, invoice: Invoice, by: User, at: datetime) -> Verification:
    """The open request about `invoice`, or a new one with the default text. Sends nothing.

    `by` is a member of the supplier. Raises roles.NotAllowed, NotVerifiable.
    """
    access.require_member(by=by, supplier=invoice.supplier)
    with transaction.atomic():
        locked = lock_invoice(invoice)
        preconditions.require_supplier_may_request(invoice=locked)
        if (existing := open_verification(invoice=locked)) is not None:
            return existing
        preconditions.require_not_confirmed(invoice=locked)
        return create_draft(invoice=locked, to=recipients.default_recipient(invoice=locked), by=by, at=at)


def create_draft(*, invoice: Invoice, to: str, by: User, at: datetime) -> Verification:
    """A drafted request with the default text about `invoice`, which the caller has locked and checked."""
    subject, body = email_texts.default_text(invoice=invoice)
    drafted = Verification.objects.create(
        supplier=invoice.supplier,
        invoice=invoice,
        to=to,
        subject=subject,
        body=body,
        drafted_by=by,
        drafted_at=at,
        **snapshot_fields(invoice=invoice),
    )
    audit.record(event="verification.drafted", subject=drafted, by=by, at=at, supplier_id=drafted.supplier_id)
    return drafted


def approve_and_send(
    *,
    verification: Verification,
    by: User,
    subject: str,
    body: str,
    to: str,
    lifetime: timedelta = LINK_LIFETIME,
    at: datetime,
) -> Verification:
    """Send the request with the text that the supplier approves, about the invoice as it is now.

    The link is valid for `lifetime`. Raises roles.NotAllowed, NotVerifiable, email_texts.InvalidText,
    recipients.InvalidRecipient, and TransitionNotAllowed if it was sent or withdrawn meanwhile.
    """
    access.require_member(by=by, supplier=verification.supplier)
    with transaction.atomic():
        invoice = lock_invoice(verification.invoice)
        preconditions.require_supplier_may_request(invoice=invoice)
        sent, url = mark_sent(
            verification=verification,
            invoice=invoice,
            by=by,
            subject=subject,
            body=body,
            to=to,
            lifetime=lifetime,
            at=at,
        )
        email_texts.enqueue_request(verification=sent, url=url, occasion="request")
        return sent


def mark_sent(
    *,
    verification: Verification,
    invoice: Invoice,
    by: User,
    subject: str,
    body: str,
    to: str,
    lifetime: timedelta,
    at: datetime,
    is_in_begun_email: bool = False,
) -> tuple[Verification, str]:
    """The drafted request as sent, about `invoice`, which the caller has locked and checked; and its link to mail.

    `is_in_begun_email`: it goes in the email of another request that was sent before.

    Raises NotVerifiable, email_texts.InvalidText, recipients.InvalidRecipient, TransitionNotAllowed.
    """
    if not MIN_LINK_LIFETIME <= lifetime <= MAX_LINK_LIFETIME:
        raise ValueError(f"A link is valid for {MIN_LINK_LIFETIME} to {MAX_LINK_LIFETIME}, not for {lifetime}.")
    subject, body = email_texts.validate_text(subject=subject, body=body)
    to = recipients.validate_recipient(address=to, supplier=verification.supplier)
    with transaction.atomic():
        rate_limits.require_within_limits(invoice=invoice, to=to, at=at, is_in_begun_email=is_in_begun_email)
        known = {address.casefold() for address in recipients.addresses_in_books(invoice=invoice)}
        url, digest = links.sign_link(verification=verification)
        sent = move(
            verification,
            to=Verification.Status.SENT,
            transitions=Verification.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=verification.supplier_id,
            changes={
                **snapshot_fields(invoice=invoice),
                "to": to,
                "address_changed": to.casefold() not in known,
                "subject": subject,
                "body": body,
                "approved_by": by,
                "approved_at": at,
                "sent_at": at,
                "expires_at": at + lifetime,
                "links": [digest],
            },
        )
        subscribers.notify(verification=sent, at=at, by=by)
        return sent, url


def withdraw(*, verification: Verification, by: User, at: datetime, reason: str = "") -> Verification:
    """Withdraw an open request; its links then say so. `by` is a member of the supplier, or staff who record answers.

    Raises roles.NotAllowed, and TransitionNotAllowed if it was answered, expired or withdrawn meanwhile.
    """
    if by.is_staff:
        roles.require(by, "verification.record_answer")
    else:
        access.require_member(by=by, supplier=verification.supplier)
    return _close(verification, to=Verification.Status.WITHDRAWN, by=by, at=at, reason=reason)


def expire_due(*, at: datetime) -> int:
    """Expire the requests that were not answered in time, and tell their suppliers. Returns how many."""
    due = Verification.objects.filter(status=Verification.Status.SENT, expires_at__lte=at)
    return process_each(_expire, due, at=at)


def resubmit(*, invoice: Invoice, by: User, at: datetime) -> Invoice:
    """Submit an invoice that the buyer rejected again. Raises roles.NotAllowed, TransitionNotAllowed."""
    access.require_member(by=by, supplier=invoice.supplier)
    with transaction.atomic():
        if lock_invoice(invoice).state != State.REJECTED:
            raise TransitionNotAllowed(f"Invoice {invoice.pk} was not rejected.")
        return move(invoice, to=State.CREATED, transitions=TRANSITIONS, by=by, at=at, supplier_id=invoice.supplier_id)


def open_verification(*, invoice: Invoice) -> Verification | None:
    """The request about `invoice` that is drafted or sent, if there is one."""
    return Verification.objects.filter(invoice=invoice, status__in=Verification.OPEN).first()


def lock_invoice(invoice: Invoice) -> Invoice:
    """`invoice` as it is now, locked. Lock order everywhere: the invoice, then its verification."""
    locked: Invoice = (
        Invoice._base_manager.select_for_update(of=("self",)).select_related("supplier", "buyer").get(pk=invoice.pk)
    )
    return locked


def snapshot_fields(*, invoice: Invoice) -> dict[str, Any]:
    """The fields of a Verification that hold what the buyer is asked about."""
    return {
        "facts": snapshots.snapshot(invoice=invoice),
        "facts_digest": snapshots.digest_of(invoice=invoice),
        "balance_asked": invoice.balance,
        "currency": invoice.currency,
    }


def process_each(process: Callable[..., int], due: "QuerySet[Verification]", *, at: datetime) -> int:
    """The sum of what `process` returns for each of `due`. A failure is logged and retried in the next run."""
    count = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            count += process(pk, at=at)
        except Exception:
            # One request that fails must not keep the others from their reminder or expiry. The next run retries it.
            log.exception("verification_step_failed", step=getattr(process, "__name__", "reminder"), verification=pk)
    return count


def _expire(pk: int, *, at: datetime) -> bool:
    with transaction.atomic():
        locked = (
            Verification.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=pk, status=Verification.Status.SENT, expires_at__lte=at)
            .first()
        )
        if locked is None:
            return False
        emails.expired(verification=_close(locked, to=Verification.Status.EXPIRED, by=None, at=at))
        return True


def _close(verification: Verification, *, to: str, by: User | None, at: datetime, reason: str = "") -> Verification:
    """Move the request to a final status and notify the subscribers."""
    with transaction.atomic():
        closed = move(
            verification,
            to=to,
            transitions=Verification.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=verification.supplier_id,
            reason=reason,
        )
        subscribers.notify(verification=closed, at=at, by=by)
        return closed
