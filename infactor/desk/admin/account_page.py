"""Staff's page of one buyer who owes: open invoices, promises, contacts, letters and notes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import Http404
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, amounts_text, day_text, figure_text, link, moment_text
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.desk.admin.base import person_text
from infactor.desk.collecting import accounts, letters, promises
from infactor.desk.collecting.accounts import Account, OpenInvoice
from infactor.desk.models import Contact, Letter, LetterLine, Promise
from infactor.desk.panels import notes_and_tasks
from infactor.desk.rights import COLLECT

RECENT = 50


class AccountView(StaffView, TemplateView):
    """What one buyer owes across suppliers, and all that was said and sent about it."""

    template_name = "admin/desk/account.html"
    permission = "desk.view_contact"

    def load(self) -> None:
        try:
            self.account, self.owes = accounts.read_slug(self.kwargs["slug"])
        except accounts.UnknownAccount as unknown:
            raise Http404 from unknown

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = business_day(timezone.now())
        invoices = accounts.open_invoices(of=self.account).get(self.account, [])
        shown = notes_and_tasks(self.request.user, self.owes)  # type: ignore[arg-type]
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": str(self.owes),
            "facts": [
                (_("Buyer"), link(self.owes)),
                (_("Open"), amounts_text(letters.total(invoices)) or "nothing"),
                (
                    _("Late"),
                    amounts_text(letters.total([one for one in invoices if one.days_late(today) > 0])) or "nothing",
                ),
                (_("Letters"), letters.blocker_of_account(account=self.account, invoices=invoices) or _("may be sent")),
            ],
            "actions": self._actions(invoices, today=today),
            "panels": shown,
            "tables": [
                _invoices_table(invoices, today=today),
                _promises_table(self.account, today=today),
                _contacts_table(self.account),
                _letters_table(self.account),
                *(one.table for one in shown),
            ],
        }

    def _actions(self, invoices: Sequence[OpenInvoice], *, today: date) -> list[tuple[str, str]]:
        if not self.request.user.has_perm(COLLECT):
            return []
        found = [(_("Record a contact"), "desk_collect_contact")]
        if invoices:
            found.append((_("Record a promise to pay"), "desk_collect_promise"))
        if any(one.days_late(today) > 0 for one in invoices):
            found.append((_("Send a letter"), "desk_collect_letter"))
        return [(label, reverse(f"admin:{page}", args=[self.account.slug])) for label, page in found]


def _invoices_table(invoices: Sequence[OpenInvoice], *, today: date) -> Table:
    in_dispute = accounts.disputed(invoices)
    sent: dict[int, list[str]] = {}
    lines = LetterLine.objects.filter(invoice__in=[one.advance.invoice_id for one in invoices]).order_by("pk")
    for line in lines:
        sent.setdefault(line.invoice_id, []).append(line.get_level_display())
    return Table(
        caption=_("Open invoices"),
        columns=(
            _("Invoice"),
            _("Supplier"),
            _("Advance"),
            _("Open"),
            _("Due"),
            _("Days late"),
            _("Letters"),
            _("In dispute"),
        ),
        rows=[
            (
                link(one.advance.invoice),
                link(one.advance.supplier),
                link(one.advance),
                amount_text(one.open, one.currency),
                day_text(one.due_on) or _("unknown"),
                figure_text(max(one.days_late(today), 0)),
                ", ".join(sent.get(one.advance.invoice_id, [])) or "-",
                _("In dispute") if one.advance.pk in in_dispute else "-",
            )
            for one in invoices
        ],
        empty=_("Nothing is open."),
    )


def _promises_table(account: Account, *, today: date) -> Table:
    rows = Promise.objects.filter(account.of_records).select_related("recorded_by")
    found = list(rows.prefetch_related("advances__invoice")[:RECENT])
    states = promises.standings(found, today=today)
    return Table(
        caption=_("Promises to pay"),
        columns=(
            _("Promise"),
            _("Until"),
            _("Amount"),
            _("Paid in time"),
            _("State"),
            _("Invoices"),
            _("Said by"),
            _("Recorded by"),
        ),
        rows=[
            (
                link(one),
                day_text(one.promised_on),
                amount_text(one.amount, one.currency),
                amount_text(states[one.pk].paid, one.currency),
                str(states[one.pk].state),
                ", ".join(str(advance.invoice) for advance in one.advances.all()),
                one.said_by,
                person_text(one.recorded_by),
            )
            for one in found
        ],
        empty=_("Nothing was promised."),
    )


def _contacts_table(account: Account) -> Table:
    rows = Contact.objects.filter(account.of_records).select_related("made_by")[:RECENT]
    return Table(
        caption=_("Contacts"),
        columns=(_("When"), _("How"), _("With"), _("What was said"), _("By"), _("Next contact")),
        rows=[
            (
                moment_text(one.made_at),
                one.get_channel_display(),
                one.person or "-",
                linebreaksbr(one.summary),
                person_text(one.made_by),
                day_text(one.next_contact_on) or "-",
            )
            for one in rows
        ],
        empty=_("Nobody has spoken with them."),
    )


def _letters_table(account: Account) -> Table:
    of_buyers: Q = account.of_buyers
    rows = Letter.objects.filter(of_buyers).select_related("sent_by", "supplier").prefetch_related("lines__invoice")
    return Table(
        caption=_("Letters"),
        columns=(_("Letter"), _("Sent"), _("How"), _("To"), _("Supplier"), _("Invoices"), _("By")),
        rows=[
            (
                link(one, one.get_level_display()),
                moment_text(one.sent_at),
                one.get_channel_display(),
                one.to,
                str(one.supplier),
                ", ".join(str(line.invoice) for line in one.lines.all()),
                person_text(one.sent_by),
            )
            for one in rows[:RECENT]
        ],
        empty=_("No letter was sent."),
    )
