"""What needs the supplier so that its buyers confirm its invoices."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from infactor.core.dates import format_day
from infactor.core.plain_text import to_plain_text
from infactor.dashboard.home.task import MAX_INVOICE_TASKS, Task
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.models import Supplier
from infactor.verification.models import Verification

Status = Verification.Status
# A drafted one waits for the supplier, a sent one that was reminded for a silent buyer, an expired one for a new try.
KINDS = (Status.DRAFTED, Status.SENT, Status.EXPIRED)
# An invoice has its lines, taxes and text for the search, too.
SHOWN = ("status", "reminded_at", "invoice__public_id", "invoice__invoice_no")
OWED = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)


def verification_tasks(supplier: Supplier) -> Iterator[Task]:
    """Drafts to send, buyers that are silent or did not respond in time, and disputed invoices. Two queries."""
    later = Verification.objects.filter(invoice=OuterRef("invoice"), pk__gt=OuterRef("pk"))
    is_unanswered = Q(status=Status.SENT, reminded_at__isnull=False) | Q(status=Status.EXPIRED) & ~Exists(later)
    still_asked = Q(invoice__state=State.CREATED, invoice__books_status__in=OWED)
    rows = Verification.objects.filter(Q(status=Status.DRAFTED) | is_unanswered & still_asked, supplier=supplier)
    rows = rows.select_related("invoice").only(*SHOWN).order_by("pk")
    drafted, *others = (rows.filter(status=kind)[:MAX_INVOICE_TASKS] for kind in KINDS)
    found = list(drafted.union(*others, all=True))
    for one in sorted(found, key=lambda one: (KINDS.index(Status(one.status)), one.pk)):
        yield _request_task(one, zone=supplier.zone)
    rejected = (
        Invoice.objects.for_supplier(supplier)
        .filter(state=State.REJECTED)
        .only("public_id", "invoice_no", "company_name", "supplier")
    )
    for invoice in rejected.order_by("-pk")[:MAX_INVOICE_TASKS]:
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        title = _("%(buyer)s disputed invoice %(invoice)s.") % {
            "buyer": to_plain_text(invoice.company_name, multiline=False) or _("Your buyer"),
            "invoice": invoice,
        }
        yield Task("warn", title, _("Resolve it, then resubmit."), url, _("View invoice"))


def _request_task(one: Verification, *, zone: ZoneInfo) -> Task:
    named = {"invoice": one.invoice}
    if one.status == Status.DRAFTED:
        url = reverse("dashboard:verification_approve", args=[one.invoice.public_id])
        title = _("The email to the buyer of invoice %(invoice)s is a draft.") % named
        return Task("info", title, _("We send it when you approve its text."), url, _("Review draft"))
    url = f"{reverse('dashboard:invoice', args=[one.invoice.public_id])}#verification"
    if one.status == Status.EXPIRED:
        title = _("The buyer of invoice %(invoice)s did not respond in time.") % named
        text = _("The link has expired. Check the address, then ask again.")
        return Task("warn", title, text, url, _("Ask again"))
    title = _("The buyer of invoice %(invoice)s has not responded yet.") % named
    reminded = format_day(one.reminded_at.astimezone(zone).date()) if one.reminded_at else ""
    text = _("We reminded them on %(reminded)s. Call them, or check the address.") % {"reminded": reminded}
    return Task("info", title, text, url, _("View invoice"))
