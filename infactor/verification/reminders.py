"""Asking a buyer again: reminders that send themselves, those that a supplier sends, and staff's resending."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.invoices.states import BooksStatus
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import email_texts, links, preconditions, requests
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

REMIND_AFTER = timedelta(days=4)
BETWEEN_REMINDERS = timedelta(days=1)
UNPAID = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)


def resend(*, verification: Verification, by: User, at: datetime) -> Verification:
    """Send the email again, with one more link. Staff only. Raises roles.NotAllowed, NotVerifiable."""
    roles.require(by, "verification.record_answer")
    with transaction.atomic():
        invoice = requests.lock_invoice(verification.invoice)
        locked = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
        if locked.status != Verification.Status.SENT or locked.expires_at is None or locked.expires_at <= at:
            raise NotVerifiable(_("This request is no longer open."))
        if preconditions.is_stale(verification=locked, invoice=invoice):
            raise NotVerifiable(
                _("The invoice has changed since. Withdraw the request, so that the supplier can send a new one.")
            )
        preconditions.require_approved_supplier(supplier=locked.supplier)
        _send_again([locked], at=at, occasion="resend", by=by)
        return locked


def remind_due(*, at: datetime, after: timedelta = REMIND_AFTER) -> int:
    """Remind once of each request that was sent at least `after` ago and is unanswered. Returns of how many.

    What one supplier asked at one address is in one email.
    """
    return requests.process_each(partial(_remind_due, after=after), _due(at=at, after=after), at=at)


def remind(*, verification: Verification, by: User, at: datetime) -> Sequence[Verification]:
    """A member of the supplier reminds the address of an open request of all that it asked there, once a day.

    Returns what was reminded of. Raises roles.NotAllowed, NotVerifiable.
    """
    supplier = verification.supplier
    access.require_member(by=by, supplier=supplier)
    preconditions.require_approved_supplier(supplier=supplier)
    with transaction.atomic():
        rows = waiting(supplier=supplier, at=at).filter(to__iexact=verification.to)
        locked = list(rows.select_for_update(of=("self",)).order_by("invoice_id", "pk"))  # as answers lock
        open_now = [one for one in locked if not preconditions.is_stale(verification=one, invoice=one.invoice)]
        if not open_now:
            raise NotVerifiable(_("This request is no longer open."))
        if any(last_sent(one) > at - BETWEEN_REMINDERS for one in open_now):
            raise NotVerifiable(_("This buyer got an email within a day. You can remind once a day."))
        _send_again(open_now, at=at, occasion="reminder", by=by)
        return open_now


def waiting(*, supplier: Supplier, at: datetime) -> QuerySet[Verification]:
    """What `supplier` asked and no buyer has answered, while the link works and something is owed."""
    rows = Verification.objects.filter(supplier=supplier, status=Verification.Status.SENT, expires_at__gt=at)
    return rows.filter(invoice__books_status__in=UNPAID).select_related("supplier", "invoice__buyer")


def last_sent(verification: Verification) -> datetime:
    """When the buyer last got an email about the request."""
    sent = verification.reminded_at or verification.sent_at
    if sent is None:
        raise ValueError(f"Verification {verification.pk} was not sent.")
    return sent


def _due(*, at: datetime, after: timedelta) -> QuerySet[Verification]:
    return Verification.objects.filter(
        status=Verification.Status.SENT,
        reminded_at=None,
        sent_at__lte=at - after,
        expires_at__gt=at,
        invoice__books_status__in=UNPAID,
    )


def _remind_due(pk: int, *, at: datetime, after: timedelta) -> int:
    with transaction.atomic():
        rows = _due(at=at, after=after).select_related("supplier", "invoice")
        rows = rows.select_for_update(of=("self",), skip_locked=True)
        first = rows.filter(pk=pk).first()
        # A request about an invoice that has changed cannot be answered; the supplier's page says so.
        if first is None or preconditions.is_stale(verification=first, invoice=first.invoice):
            return 0
        if financing_status.application_blocker(supplier=first.supplier):
            return 0
        others = rows.filter(supplier=first.supplier, to__iexact=first.to).exclude(pk=pk).order_by("pk")
        found = [first, *(one for one in others if not preconditions.is_stale(verification=one, invoice=one.invoice))]
        _send_again(found, at=at, occasion="reminder", by=None)
        return len(found)


def _send_again(rows: Sequence[Verification], *, at: datetime, occasion: str, by: User | None) -> None:
    """Send one email about all of `rows`, with one new link, which each of them has; earlier links stay valid."""
    first, is_reminder = rows[0], occasion == "reminder"
    url, digest = links.sign_link(verification=first)
    for one in rows:
        one.links = [*one.links, digest]
        one.reminded_at = at if is_reminder else one.reminded_at
        one.save(update_fields=["links", "reminded_at", "updated_at"])
        audit.record(event=f"verification.{occasion}", subject=one, by=by, at=at, supplier_id=one.supplier_id)
    if len(rows) == 1:
        email_texts.enqueue_request(verification=first, url=url, occasion=occasion, is_reminder=is_reminder)
    else:
        email_texts.enqueue_requests(verifications=rows, url=url, occasion=occasion, is_reminder=is_reminder)
