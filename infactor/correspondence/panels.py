"""What correspondence adds to staff's page of a row: its messages, and what the supplier said to its dispute."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import link, moment_text
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.correspondence import threads
from infactor.correspondence.models import Message
from infactor.financing.models import Advance, Case, FinancingRequest
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier

RECENT = 10
VIEW = "correspondence.view_thread"


def panel_of(user: Any, row: Model) -> Panel | None:
    """The last messages about `row`, and the page to write to its supplier. Of a case: those about its invoice."""
    if not isinstance(row, Supplier | Invoice | FinancingRequest | Advance | Case) or not user.has_perm(VIEW):
        return None
    found = _messages(row).select_related("thread", "author").order_by("-written_at", "-pk")[:RECENT]
    said = [
        (
            link(one.thread, moment_text(one.written_at)),
            one.author.email,
            one.get_stance_display() or "-",
            linebreaksbr(one.text),
        )
        for one in found
    ]
    table = Table(
        caption=_("Messages with the supplier"),
        columns=(_("Written"), _("By"), _("To the dispute"), _("Message")),
        rows=said,
        empty=_("Nobody has written yet."),
    )
    buttons = [(_("Write to the supplier"), write_url(row))] if user.has_perm(threads.ANSWER_SUPPLIERS) else []
    return Panel(table, buttons)


def write_url(row: Supplier | Invoice | FinancingRequest | Advance | Case) -> str:
    """The page on which staff write to the supplier about `row`."""
    about = row.advance.invoice if isinstance(row, Case) else row
    query = urlencode({"about": f"{about._meta.model_name}:{about.pk}"})
    return f"{reverse('admin:correspondence_thread_add')}?{query}"


def _messages(row: Supplier | Invoice | FinancingRequest | Advance | Case) -> "QuerySet[Message]":
    if isinstance(row, Supplier):
        return Message.objects.filter(supplier=row)
    if isinstance(row, Case):
        return Message.objects.filter(thread__invoice=row.advance.invoice_id)
    return Message.objects.filter(**{f"thread__{threads.COLUMNS[type(row)]}": row})
