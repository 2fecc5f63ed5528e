"""Giving a notice of assignment, with the purchase; sending it again, and reminding a buyer that is silent."""

import uuid
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import audit
from infactor.financing import remittance_instructions
from infactor.financing.models import MAX_REMINDERS, Advance, Notice
from infactor.financing.notices import content, emails, links
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.suppliers import agreements
from infactor.suppliers.models import Membership
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import recipients
from infactor.verification.models import Verification

log = structlog.get_logger(__name__)

HANDLE_NOTICES = "financing.handle_notices"
REMIND_AFTER = timedelta(days=5)
NO_RECIPIENT = gettext_lazy(
    "There is no email address of the buyer for the notice of assignment. Add it in QuickBooks."
)


class NoticeError(Exception):
    """The notice cannot be given, sent, acknowledged or released. The message says why. Nothing was written."""


def recipient(*, invoice: Invoice) -> str:
    """The address of the buyer that a notice goes to; "" if there is none.

    Always one that the books have: who answered at an address that only the supplier named may be anybody. Of several,
    the one whose reader answered last.
    """
    known = recipients.possible_recipients(invoice=invoice)
    answered = Verification.objects.filter(invoice=invoice, answered_at__isnull=False, sent_at__isnull=False)
    last = answered.order_by("-answered_at", "-pk").first()
    if last is not None and last.to.casefold() in {address.casefold() for address in known}:
        return last.to
    return next(iter(known), "")


def send(*, advance: Advance, bought_on: date, by: User, at: datetime) -> Notice:
    """Give the buyer the notice of `advance`, in the transaction that buys its invoice. The outbox mails it.

    `bought_on` is the value date of the payout. Raises NoticeError without an address or the supplier's consent.
    """
    invoice = Invoice.objects.select_related("supplier", "buyer").get(pk=advance.invoice_id)
    agreement = agreements.latest_acceptance(supplier=advance.supplier)
    if agreement is None:
        raise NoticeError(_("The supplier has not accepted the agreement, so it has not consented to a notice."))
    to = recipient(invoice=invoice)
    if not to:
        raise NoticeError(NO_RECIPIENT)
    if remittance_instructions.account_in(currency=advance.currency) is None:
        raise NoticeError(remittance_instructions.missing_account(currency=advance.currency))
    facts = content.facts_of(advance=advance, invoice=invoice, agreement=agreement, bought_on=bought_on)
    notice = Notice(
        public_id=uuid.uuid4(),
        supplier=advance.supplier,
        advance=advance,
        invoice=invoice,
        agreement=agreement,
        facts=facts,
        facts_digest=content.digest_of(facts=facts),
        to=to,
        reply_to=_reply_address(advance),
        sent_by=by,
        sent_at=at,
        last_sent_at=at,
    )
    url, mark = links.sign_link(notice=notice)
    notice.links = [mark]
    notice.save(force_insert=True)
    audit.record(
        event="notice.sent",
        subject=notice,
        by=by,
        at=at,
        supplier_id=notice.supplier_id,
        details={"advance": advance.pk, "digest": notice.facts_digest},
    )
    emails.notice_given(notice=notice, url=url, occasion="sent")
    return notice


def resend(*, notice: Notice, to: str, by: User, at: datetime) -> Notice:
    """Staff send a valid notice again, with one more link; from now on to the address `to`.

    Raises NotAllowed, NoticeError, recipients.InvalidRecipient.
    """
    roles.require(by, HANDLE_NOTICES)
    to = recipients.validate_recipient(address=to, supplier=notice.supplier)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if not locked.is_valid:
            raise NoticeError(_("This notice is no longer valid."))
        locked.to = to
        _send_again(locked, occasion="resent", by=by, at=at)
        return locked


def remind_due(*, at: datetime) -> int:
    """Remind each buyer that has not acknowledged a notice, at most MAX_REMINDERS times. Returns how many.

    Only while it has not paid, and something is open in the books.
    """
    due = Notice.objects.filter(
        status=Notice.Status.SENT,
        reminders__lt=MAX_REMINDERS,
        last_sent_at__lte=at - REMIND_AFTER,
        advance__status=Advance.Status.FUNDED,
        invoice__books_status__in=(BooksStatus.OPEN, BooksStatus.PARTLY_PAID),
    )
    count = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            count += _remind(pk, at=at)
        except Exception:
            # One notice that fails must not keep the others from their reminder. The next run tries it again.
            log.exception("notice_reminder_failed", notice=pk)
    return count


def _remind(pk: int, *, at: datetime) -> bool:
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk=pk, status=Notice.Status.SENT, reminders__lt=MAX_REMINDERS, last_sent_at__lte=at - REMIND_AFTER
        )
        locked = waiting.first()
        if locked is None:
            return False
        locked.reminders += 1
        _send_again(locked, occasion="reminder", by=None, at=at)
        return True


def _send_again(locked: Notice, *, occasion: str, by: User | None, at: datetime) -> None:
    """Send the email with a new link; earlier links stay valid."""
    url, mark = links.sign_link(notice=locked)
    locked.links = [*locked.links, mark]
    locked.last_sent_at = at
    locked.save(update_fields=["to", "links", "last_sent_at", "reminders", "updated_at"])
    audit.record(event=f"notice.{occasion}", subject=locked, by=by, at=at, supplier_id=locked.supplier_id)
    emails.notice_given(notice=locked, url=url, occasion=occasion)


def _reply_address(advance: Advance) -> str:
    """Where the buyer's replies go: to who sold the invoice, or an owner; never to somebody who has left."""
    members = Membership.objects.filter(supplier=advance.supplier_id, user__is_active=True).select_related("user")
    emails_by_user = {member.user_id: member.user.email for member in members.order_by("pk")}
    owners = [member.user_id for member in members if member.role == Membership.Role.OWNER]
    seller = advance.offer_line.offer.acceptance.accepted_by_id
    return next((emails_by_user[pk] for pk in (seller, *owners) if pk in emails_by_user), "")
