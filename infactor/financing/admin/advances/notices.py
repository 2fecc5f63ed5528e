"""Notices of assignment in admin: their list, sending one again, recording an acknowledgement, and a release."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link, waiting_text
from infactor.core.admin.tables import Facts
from infactor.core.lists.cells import AmountText
from infactor.financing.letters import notice_letter
from infactor.financing.letters.sending import send_letter
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import acknowledgements, content, issuance, releases
from infactor.financing.notices.issuance import HANDLE_NOTICES, NoticeError
from infactor.suppliers.access import signed_in_user
from infactor.verification.recipients import InvalidRecipient


class NoticeDecision(RowDecision, DecisionView):
    """A decision about one notice."""

    row: Notice
    permission = HANDLE_NOTICES
    refusals = (NoticeError, InvalidRecipient)

    def facts(self) -> Facts:
        notice, told = self.row, content.for_display(self.row.facts)
        return [
            (_("Notice"), link(notice)),
            (_("Advance"), link(notice.advance)),
            (_("Supplier"), notice.supplier.name),
            (_("Buyer"), told["buyer"]),
            (_("Invoice"), told["number"]),
            (_("Sold to infactor"), amount_text(told["assigned"], told["currency"])),
            (_("Status"), notice.get_status_display()),
            (_("Sent to"), notice.to),
        ]


class NoticeLetterView(RowDecision):
    """The notice as the buyer gets it on paper."""

    row: Notice
    name = "letter"
    label = gettext_lazy("Download as PDF")
    permission = "financing.view_notice"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draw = partial(notice_letter.notice_pdf, notice=self.row)
        details = {"notice": self.row.pk}
        return send_letter(request, self.row.supplier, draw, name=self.row.number, letter="notice", details=details)


class ResendForm(forms.Form):
    """Asks for the address of the buyer."""

    to = forms.EmailField(
        label=gettext_lazy("Send to"),
        help_text=gettext_lazy(
            "For another address than before, call the buyer first, at a number that you found yourself."
        ),
    )


class ResendView(NoticeDecision):
    """Send the notice again, where needed to another address of the buyer."""

    name = "resend"
    label = button = gettext_lazy("Send again")
    title = gettext_lazy("Send the notice again")
    form_class = ResendForm
    notes = (gettext_lazy("The links in the earlier emails still work."),)

    @classmethod
    def is_possible(cls, row: Notice) -> bool:
        return row.is_valid

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "to": self.row.to}

    def perform(self, form: Any) -> str:
        user, to = signed_in_user(self.request), form.cleaned_data["to"]
        issuance.resend(notice=self.row, to=to, by=user, at=timezone.now())
        return _("The notice is sent again.")


class AcknowledgementForm(forms.Form):
    """Asks how the buyer acknowledged the notice, and who did."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=Notice.Channel.choices[1:],
        widget=forms.RadioSelect,
        initial=Notice.Channel.PHONE,
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=acknowledgements.MAX_NAME_LENGTH,
        help_text=gettext_lazy("The person at the buyer who acknowledged it."),
    )


class RecordAcknowledgementView(NoticeDecision):
    """Record that the buyer acknowledged the notice by phone or letter."""

    name = "acknowledge"
    label = gettext_lazy("Record an acknowledgement")
    button = gettext_lazy("Record")
    title = gettext_lazy("Record an acknowledgement by phone or letter")
    form_class = AcknowledgementForm
    notes = (gettext_lazy("Call a number that you found yourself, not one that the supplier gave you."),)

    @classmethod
    def is_possible(cls, row: Notice) -> bool:
        return row.status == Notice.Status.SENT

    def perform(self, form: Any) -> str:
        acknowledgements.record_acknowledgement(
            notice=self.row,
            channel=form.cleaned_data["channel"],
            name=form.cleaned_data["name"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return _("The acknowledgement is recorded, and the buyer gets a receipt.")


class ReleaseView(NoticeDecision):
    """Release the buyer of an invoice that was written off."""

    name = "release"
    needs_fresh_factor = True
    label = button = gettext_lazy("Release the buyer")
    title = gettext_lazy("Release the buyer from the notice")
    notes = (
        gettext_lazy("The buyer is told to pay the supplier from now on. infactor recovers nothing more from it."),
        gettext_lazy("This cannot be undone."),
    )

    @classmethod
    def is_possible(cls, row: Notice) -> bool:
        return row.is_valid and row.advance.status == Advance.Status.WRITTEN_OFF

    @classmethod
    def blocker_of(cls, row: Notice) -> str:
        if row.is_valid:
            return _("Only the buyer of an invoice that was written off is released by hand.")
        return super().blocker_of(row)

    def perform(self, form: Any) -> str:
        releases.give_up(notice=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("The buyer is released.")


@admin.register(Notice)
class NoticeAdmin(DecisionAdmin):
    list_display = (
        "number",
        "status",
        "waiting",
        "supplier",
        "shown_invoice",
        "shown_buyer",
        "assigned",
        "sent_at",
        "reminders",
        "acknowledged_at",
        "ended_at",
    )
    list_filter = ("status", "reminders", "channel", "release_reason")
    queues = {("status__exact", "sent"): "sent_at"}
    list_select_related = ("supplier",)
    search_fields = ("public_id", "invoice__invoice_no", "supplier__name", "invoice__company_name", "to")
    search_help_text = gettext_lazy("By number, invoice, supplier, buyer or the address it went to")
    date_hierarchy = "sent_at"
    # Only named fields are shown: the links are not among them.
    fields = (
        "number",
        "supplier",
        "shown_buyer",
        "invoice",
        "advance",
        "status",
        "shown_amount",
        "assigned",
        "shown_account",
        "consent",
        "to",
        "reply_to",
        "sent_by",
        "sent_at",
        "last_sent_at",
        "reminders",
        "opened_at",
        "acknowledged_at",
        "channel",
        "acknowledged_name",
        "acknowledged_from",
        "user_agent",
        "recorded_by",
        "ended_at",
        "release_reason",
        "facts_digest",
    )
    readonly_fields = ("number", "shown_buyer", "shown_amount", "assigned", "shown_account", "consent")
    decisions = (NoticeLetterView, ResendView, RecordAcknowledgementView, ReleaseView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        rows: QuerySet[Notice] = super().get_queryset(request)
        return rows.select_related("supplier", "advance", "agreement__text", "agreement__user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Notice], search_term: str
    ) -> tuple[QuerySet[Notice], bool]:
        """By the number as buyers read it: the public id has no NA- in front."""
        return super().get_search_results(request, queryset, search_term.strip().upper().removeprefix("NA-"))

    @admin.display(description=gettext_lazy("Notice"), ordering="pk")
    def number(self, row: Notice) -> str:
        return row.number

    @admin.display(description=gettext_lazy("Invoice"), ordering="invoice__invoice_no")
    def shown_invoice(self, row: Notice) -> str:
        return str(row.facts["number"] or _("No number"))

    @admin.display(description=gettext_lazy("Buyer"), ordering="invoice__company_name")
    def shown_buyer(self, row: Notice) -> str:
        return str(row.facts["buyer"])

    @admin.display(description=gettext_lazy("Invoice amount"))
    def shown_amount(self, row: Notice) -> AmountText:
        return amount_text(content.for_display(row.facts)["amount"], row.facts["currency"])

    @admin.display(description=gettext_lazy("Sold to infactor"))
    def assigned(self, row: Notice) -> AmountText:
        return amount_text(content.for_display(row.facts)["assigned"], row.facts["currency"])

    @admin.display(description=gettext_lazy("Pay to"))
    def shown_account(self, row: Notice) -> str:
        account = row.facts["pay_to"]
        return _("%(account)s, %(bank)s, %(holder)s; reference %(reference)s") % {
            "account": account["account"],
            "bank": account["bank"],
            "holder": account["holder"],
            "reference": account["reference"],
        }

    @admin.display(description=gettext_lazy("Consent"))
    def consent(self, row: Notice) -> str:
        accepted = content.for_display(row.facts)["agreement"]
        return _("%(title)s, version %(version)s, accepted by %(accepted_by)s on %(accepted_on)s") % {
            "title": accepted["title"],
            "version": accepted["version"],
            "accepted_by": accepted["accepted_by"],
            "accepted_on": day_text(accepted["accepted_on"]),
        }

    @admin.display(description=gettext_lazy("Waiting"), ordering="-sent_at")
    def waiting(self, row: Notice) -> str:
        return waiting_text(row.sent_at, now=timezone.now()) if row.status == Notice.Status.SENT else ""
