"""Promises, contacts and letters as lists in admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.desk.admin.base import DeskDecision, person_text
from infactor.desk.collecting import promises
from infactor.desk.models import Contact, Letter, Promise
from infactor.desk.rights import COLLECT


class WithdrawView(RowDecision, DeskDecision):
    """Withdraw a promise that was recorded wrongly."""

    row: Promise
    name, label, title, button = (
        "withdraw",
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdraw the promise"),
        gettext_lazy("Withdraw"),
    )
    permission = COLLECT
    form_class = ReasonForm
    notes = (gettext_lazy("For a promise that was recorded wrongly. One that the buyer breaks stays as it is."),)

    @classmethod
    def is_possible(cls, row: Promise) -> bool:
        return row.withdrawn_at is None

    @classmethod
    def blocker_of(cls, row: Promise) -> str:
        return done_blocker(_("withdrawn"), at=row.withdrawn_at, by=row.withdrawn_by) if row.withdrawn_at else ""

    def facts(self) -> Facts:
        return [
            (_("Buyer"), str(self.row.debtor or self.row.buyer)),
            (_("Amount"), amount_text(self.row.amount, self.row.currency)),
            (_("Until"), day_text(self.row.promised_on)),
            (_("Said by"), self.row.said_by),
        ]

    def perform(self, form: Any) -> str:
        promises.withdraw(promise=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("The promise is withdrawn.")


@admin.register(Promise)
class PromiseAdmin(DecisionAdmin):
    list_display = ("__str__", "shown_buyer", "shown_amount", "promised_on", "shown_state", "said_by", "recorded_by")
    list_filter = ("currency",)
    search_fields = ("debtor__name", "buyer__name", "said_by")
    search_help_text = gettext_lazy("By buyer, or who said it")
    date_hierarchy = "promised_on"
    fields = (
        "shown_buyer",
        "shown_amount",
        "promised_on",
        "shown_state",
        "said_by",
        "recorded_by",
        "recorded_at",
        "withdrawn_by",
        "withdrawn_at",
        "withdraw_reason",
    )
    readonly_fields = ("shown_buyer", "shown_amount", "shown_state")
    decisions = (WithdrawView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promise]:
        rows: QuerySet[Promise] = super().get_queryset(request)
        return rows.select_related("debtor", "buyer", "recorded_by").prefetch_related("advances")

    def read_for_rows(self, rows: list[Any], *, request: HttpRequest) -> None:
        _attach_states(rows)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            _attach_states([row])
        return row

    def related_tables(self, row: Promise) -> list[Table]:
        advances = row.advances.select_related("invoice").order_by("pk")
        rows = [(link(one.invoice), link(one), one.get_status_display()) for one in advances]
        return [Table(_("Invoices"), (_("Invoice"), _("Advance"), _("Status")), rows)]

    @admin.display(description=gettext_lazy("buyer"))
    def shown_buyer(self, promise: Promise) -> SafeString | str:
        owes = promise.debtor or promise.buyer
        return link(owes) if owes is not None else "-"

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def shown_amount(self, promise: Promise) -> SafeString:
        return amount_text(promise.amount, promise.currency)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, promise: Any) -> str:
        return str(promise.standing.state)


def _attach_states(rows: list[Any]) -> None:
    """Give each promise its `standing`, in a fixed number of queries."""
    found = promises.standings(rows, today=business_day(timezone.now()))
    for row in rows:
        row.standing = found[row.pk]


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ("shown_when", "shown_buyer", "channel", "person", "summary", "made_by", "next_contact_on")
    list_filter = ("channel",)
    search_fields = ("debtor__name", "buyer__name", "person", "summary")
    search_help_text = gettext_lazy("By buyer, person, or what was said")
    date_hierarchy = "made_at"
    fields = ("shown_buyer", "channel", "person", "summary", "next_contact_on", "made_by", "made_at")
    readonly_fields = ("shown_buyer",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        rows: QuerySet[Contact] = super().get_queryset(request)
        return rows.select_related("debtor", "buyer", "made_by")

    @admin.display(description=gettext_lazy("when"), ordering="made_at")
    def shown_when(self, contact: Contact) -> str:
        return moment_text(contact.made_at)

    @admin.display(description=gettext_lazy("buyer"))
    def shown_buyer(self, contact: Contact) -> SafeString | str:
        owes = contact.debtor or contact.buyer
        return link(owes) if owes is not None else "-"


class PrintView(RowDecision, TemplateView):
    """A letter as it is printed."""

    row: Letter
    name, label = "print", gettext_lazy("Print")
    permission = "desk.view_letter"
    template_name = "admin/desk/letter.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**admin.site.each_context(self.request), **context, "title": self.row.subject, "letter": self.row}


@admin.register(Letter)
class LetterAdmin(DecisionAdmin):
    list_display = ("__str__", "shown_buyer", "supplier", "level", "channel", "to", "sent_at", "shown_sender")
    list_filter = ("level", "channel")
    search_fields = ("buyer__name", "supplier__name", "to", "subject", "lines__invoice__invoice_no")
    search_help_text = gettext_lazy("By buyer, supplier, address or invoice")
    date_hierarchy = "sent_at"
    fields = ("shown_buyer", "supplier", "level", "channel", "to", "subject", "body", "shown_sender", "sent_at")
    readonly_fields = ("shown_buyer", "shown_sender")
    decisions = (PrintView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        rows: QuerySet[Letter] = super().get_queryset(request)
        return rows.select_related("buyer", "supplier", "sent_by")

    def related_tables(self, row: Letter) -> list[Table]:
        lines = row.lines.select_related("invoice", "advance").order_by("pk")
        rows = [
            (link(one.invoice), link(one.advance), amount_text(one.amount, one.currency), day_text(one.due_on))
            for one in lines
        ]
        return [Table(_("Invoices"), (_("Invoice"), _("Advance"), _("Open"), _("Due")), rows)]

    @admin.display(description=gettext_lazy("buyer"))
    def shown_buyer(self, letter: Letter) -> SafeString:
        return link(letter.buyer)

    @admin.display(description=gettext_lazy("sent by"), ordering="sent_by")
    def shown_sender(self, letter: Letter) -> str:
        return person_text(letter.sent_by)
