"""Asking buyers about many invoices at once: one email for each address, with one link to all of its invoices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from infactor.core.dates import format_day
from infactor.core.transitions import TransitionNotAllowed
from infactor.documents.models import Document
from infactor.invoices import source_pdf
from infactor.invoices.models import Invoice
from infactor.invoices.states import FUNDED
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from infactor.verification import email_texts, preconditions, rate_limits, recipients, requests
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

MAX_INVOICES = 200
LIFETIME_DAYS = requests.LINK_LIFETIME.days


@dataclass(frozen=True)
class Group:
    """The invoices that one address is asked about, in one email."""

    to: str
    invoices: list[Invoice] = field(default_factory=list)

    @property
    def buyers(self) -> list[str]:
        """The names that share the address."""
        return list(dict.fromkeys(one.company_name for one in self.invoices if one.company_name))


@dataclass(frozen=True)
class Plan:
    """Who is asked about what, and which invoices no buyer can be asked about, each with the reason in words."""

    groups: list[Group] = field(default_factory=list)
    refused: list[tuple[Invoice, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(one.invoices) for one in self.groups)


def plan(*, supplier: Supplier, invoices: Sequence[Invoice], at: datetime) -> Plan:
    """What asking about `invoices` would do. Writes nothing; five queries, however many invoices.

    An address that had its emails of the day is asked about nothing. `invoices` are the supplier's, with their buyers
    and company files.
    """
    blocker = _supplier_blocker(supplier)
    if blocker:
        return Plan(refused=[(one, blocker) for one in invoices])
    own = recipients.supplier_addresses(supplier=supplier)
    open_now = _open(invoices)
    confirmed = _confirmed(invoices)
    limits = rate_limits.limits_of(supplier=supplier, invoices=invoices, at=at)
    groups: dict[str, Group] = {}
    made = Plan()
    for one in invoices:
        drafted = open_now.get(one.pk)
        reason = _blocker(one, drafted, confirmed.get(one.pk))
        to = drafted.to if drafted is not None and drafted.to else ""
        to = to or next(iter(recipients.possible_recipients(invoice=one, own=own)), "")
        if not reason and not to:
            reason = _("No email address of this buyer is known. Ask on the invoice's page, where you can enter one.")
        reason = reason or limits.take(invoice=one, to=to)
        if reason:
            made.refused.append((one, reason))
        else:
            groups.setdefault(to.casefold(), Group(to)).invoices.append(one)
    made.groups.extend(groups.values())
    return made


def send(*, supplier: Supplier, invoices: Sequence[Invoice], by: User, at: datetime) -> Plan:
    """Ask the buyers of `invoices`, and return who was asked about what. Each email has a transaction of its own.

    What was asked meanwhile is refused with the reason, so a second press asks nobody twice. Raises roles.NotAllowed.
    """
    access.require_member(by=by, supplier=supplier)
    planned = plan(supplier=supplier, invoices=invoices, at=at)
    done = Plan(refused=list(planned.refused))
    for group in planned.groups:
        with transaction.atomic():
            asked, refused = _ask(group, supplier=supplier, by=by, at=at)
        done.refused.extend(refused)
        if asked:
            done.groups.append(Group(group.to, asked))
    return done


def without_pdf(*, at: datetime, within: timedelta) -> list[Verification]:
    """Requests that were sent `within` that time, of which the PDF of the accounting system was not kept since."""
    rows = _lacking_pdf().filter(sent_at__gt=at - within)
    found = rows.select_related("approved_by", "invoice__company_file", "invoice__supplier")
    return [one for one in found.order_by("pk") if source_pdf.is_printed(one.invoice)]


def lacks_pdf(verification: Verification) -> bool:
    """Whether the request still waits for an answer, and for its PDF."""
    return _lacking_pdf().filter(pk=verification.pk).exists()


def _lacking_pdf() -> QuerySet[Verification]:
    kept = Document.objects.filter(
        content_type=ContentType.objects.get_for_model(Invoice),
        object_id=OuterRef("invoice_id"),
        note=source_pdf.NOTE,
        uploaded_at__gte=OuterRef("sent_at"),
    )
    return Verification.objects.filter(~Exists(kept), status=Verification.Status.SENT)


def _ask(
    group: Group, *, supplier: Supplier, by: User, at: datetime
) -> tuple[list[Invoice], list[tuple[Invoice, str]]]:
    """Ask one address. The invoices are locked in the order of their keys, and looked at again."""
    locked = [requests.lock_invoice(one) for one in sorted(group.invoices, key=lambda one: one.pk)]
    open_now, confirmed = _open(locked), _confirmed(locked)
    sent: list[tuple[Verification, str]] = []
    asked, refused = [], []
    for invoice in locked:
        drafted = open_now.get(invoice.pk)
        if reason := _blocker(invoice, drafted, confirmed.get(invoice.pk)):
            refused.append((invoice, reason))
            continue
        try:
            with transaction.atomic():
                draft = drafted or requests.create_draft(invoice=invoice, to=group.to, by=by, at=at)
                # A draft may be older than what is owed now.
                subject, body = email_texts.default_text(invoice=invoice)
                sent.append(
                    requests.mark_sent(
                        verification=draft,
                        invoice=invoice,
                        by=by,
                        subject=subject,
                        body=body,
                        to=group.to,
                        lifetime=requests.LINK_LIFETIME,
                        at=at,
                        is_in_begun_email=bool(sent),
                    )
                )
        except (NotVerifiable, email_texts.InvalidText, recipients.InvalidRecipient) as refusal:
            refused.append((invoice, str(refusal)))
        except TransitionNotAllowed:
            refused.append((invoice, _("This has changed in the meantime. Please review it again.")))
        else:
            asked.append(invoice)
    if len(sent) == 1:
        email_texts.enqueue_request(verification=sent[0][0], url=sent[0][1], occasion="request")
    elif sent:
        rows = [verification for verification, _url in sent]
        for one in rows[1:]:  # the mail has the link of the first, and keeps it if the first one ends
            one.links = rows[0].links
            one.save(update_fields=["links", "updated_at"])
        email_texts.enqueue_requests(verifications=rows, url=sent[0][1], occasion="request")
    return asked, refused


def _supplier_blocker(supplier: Supplier) -> str:
    if blocker := financing_status.application_blocker(supplier=supplier):
        return _("Finish your application: before that we do not contact your buyers. %(blocker)s") % {
            "blocker": blocker
        }
    return ""


def _open(invoices: Sequence[Invoice]) -> dict[int, Verification]:
    rows = Verification.objects.filter(invoice__in=invoices, status__in=Verification.OPEN).select_related("supplier")
    return {one.invoice_id: one for one in rows}


def _confirmed(invoices: Sequence[Invoice]) -> dict[int, Verification]:
    """The last answer about each invoice."""
    rows = Verification.objects.filter(invoice__in=invoices, answered_at__isnull=False)
    return {one.invoice_id: one for one in rows.order_by("answered_at", "pk")}


def _blocker(invoice: Invoice, open_now: Verification | None, last: Verification | None) -> str:
    """Why the buyer cannot be asked about `invoice`; "" if it can."""
    if invoice.state in FUNDED:
        return _("This invoice is or was financed, so your buyer no longer needs to confirm it.")
    try:
        preconditions.require_verifiable(invoice=invoice)
    except NotVerifiable as refusal:
        return str(refusal)
    if open_now is not None and open_now.sent_at is not None:
        return _("%(to)s was asked on %(day)s and has not answered yet.") % {
            "to": open_now.to,
            "day": format_day(open_now.sent_at.astimezone(invoice.supplier.zone).date()),
        }
    is_confirmed = last is not None and last.status == Verification.Status.CONFIRMED
    if is_confirmed and last is not None and not preconditions.is_stale(verification=last, invoice=invoice):
        return _("The buyer has already confirmed this invoice.")
    return ""
