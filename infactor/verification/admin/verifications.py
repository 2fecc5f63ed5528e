"""Buyer verifications in admin: their list, recording an answer by phone, sending again, and withdrawing."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin import panels
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text, waiting_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.lists.cells import AmountText
from infactor.suppliers.access import signed_in_user
from infactor.verification import reminders, requests
from infactor.verification.admin.phone_answers import PERMISSION, PhoneAnswerView
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable


class VerificationDecision(RowDecision, DecisionView):
    """A decision on an open verification."""

    row: Verification
    permission = PERMISSION

    @classmethod
    def is_possible(cls, row: Verification) -> bool:
        return row.status in Verification.OPEN

    def tables(self) -> list[Table]:
        return panels.background(row=self.row.invoice, user=self.request.user)


class RecordAnswerView(VerificationDecision, PhoneAnswerView):
    """Record what the buyer said by phone instead of answering by the link."""

    name = "record"
    label = gettext_lazy("Record an answer by phone")

    def load(self) -> None:
        super().load()
        self.invoice = self.row.invoice


class ResendView(VerificationDecision):
    """Send the email to the buyer again."""

    name = "resend"
    label = button = gettext_lazy("Send again")
    title = gettext_lazy("Send the email again")
    refusals = (NotVerifiable,)
    notes = (gettext_lazy("The links in the earlier emails still work."),)

    @classmethod
    def is_possible(cls, row: Verification) -> bool:
        return row.status == Verification.Status.SENT

    def facts(self) -> Facts:
        return _facts(self.row)

    def perform(self, form: Any) -> str:
        reminders.resend(verification=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("The email is sent again.")


class WithdrawView(VerificationDecision):
    """Withdraw the request to the buyer."""

    name = "withdraw"
    label = button = gettext_lazy("Withdraw")
    title = gettext_lazy("Withdraw the verification")
    form_class = ReasonForm

    def facts(self) -> Facts:
        return _facts(self.row)

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        requests.withdraw(verification=self.row, by=user, at=timezone.now(), reason=reason)
        return _("The verification is withdrawn.")


def _facts(row: Verification) -> Facts:
    return [
        (_("Supplier"), row.supplier.name),
        (_("Buyer"), row.facts["buyer"]),
        (_("Invoice"), row.facts["number"]),
        (_("Open at request"), amount_text(row.balance_asked, row.currency)),
        (_("Sent to"), row.to or _("nobody yet")),
    ]


class AddressFilter(admin.SimpleListFilter):
    title = gettext_lazy("address")
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("changed", _("Not from the books"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Verification]) -> QuerySet[Verification]:
        return queryset.filter(address_changed=True) if self.value() == "changed" else queryset


@admin.register(Verification)
class VerificationAdmin(DecisionAdmin):
    list_display = (
        "number",
        "supplier",
        "buyer",
        "asked",
        "status",
        "waiting",
        "reminded_at",
        "opened_at",
        "expires_at",
        "address_changed",
        "confirmed",
    )
    list_filter = ("status", AddressFilter, "channel")
    queues = {("status__exact", "sent"): "sent_at", ("status__exact", "expired"): "sent_at"}
    list_select_related = ("supplier",)
    search_fields = ("invoice__invoice_no", "supplier__name", "invoice__company_name", "public_id", "to")
    search_help_text = gettext_lazy("By number, invoice, supplier, buyer or the address it went to")
    date_hierarchy = "drafted_at"
    # Only named fields are shown: the links are not among them.
    fields = (
        "supplier",
        "invoice",
        "status",
        "asked",
        "to",
        "address_changed",
        "subject",
        "text",
        "drafted_by",
        "drafted_at",
        "approved_by",
        "approved_at",
        "sent_at",
        "opened_at",
        "reminded_at",
        "expires_at",
        "answered_at",
        "channel",
        "answered_name",
        "answered_role",
        "answered_phone",
        "answered_from",
        "recorded_by",
        "phone_number",
        "call_note",
        "confirmed",
        "objection",
        "dispute_reason",
        "disputed",
        "paid_on",
        "paid_to",
        "planned_pay_on",
        "po_number",
        "public_id",
    )
    readonly_fields = ("asked", "text", "confirmed", "disputed", "public_id")
    decisions = (RecordAnswerView, ResendView, WithdrawView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        rows: QuerySet[Verification] = super().get_queryset(request)
        return rows.select_related("supplier", "invoice__supplier", "invoice__buyer")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Verification], search_term: str
    ) -> tuple[QuerySet[Verification], bool]:
        """By the number as buyers read it: the public id has no BC- in front."""
        return super().get_search_results(request, queryset, search_term.strip().upper().removeprefix("BC-"))

    def get_urls(self) -> list[URLPattern]:
        """With the page that records a call about any invoice."""
        phone = path(
            "phone/<int:invoice_id>/",
            self.admin_site.admin_view(PhoneAnswerView.as_view()),
            name="verification_verification_phone",
        )
        return [phone, *super().get_urls()]

    @admin.display(description=gettext_lazy("Invoice"), ordering="invoice__invoice_no")
    def number(self, row: Verification) -> str:
        return str(row.facts["number"] or _("No number"))

    @admin.display(description=gettext_lazy("Buyer"), ordering="invoice__company_name")
    def buyer(self, row: Verification) -> str:
        return str(row.facts["buyer"])

    @admin.display(description=gettext_lazy("Open at request"), ordering="balance_asked")
    def asked(self, row: Verification) -> AmountText:
        return amount_text(row.balance_asked, row.currency)

    @admin.display(description=gettext_lazy("Confirmed"), ordering="confirmed_amount")
    def confirmed(self, row: Verification) -> AmountText | str:
        return "" if row.confirmed_amount is None else amount_text(row.confirmed_amount, row.currency)

    @admin.display(description=gettext_lazy("Text"))
    def text(self, row: Verification) -> str:
        return row.body.replace("{link}", _("(the buyer's own link)"))

    @admin.display(description=gettext_lazy("Waiting"), ordering="-sent_at")
    def waiting(self, row: Verification) -> str:
        is_waiting = row.status == Verification.Status.SENT
        return waiting_text(row.sent_at, now=timezone.now()) if is_waiting else ""

    @admin.display(description=gettext_lazy("Lines disputed"))
    def disputed(self, row: Verification) -> SafeString:
        return format_html_join("; ", "{}", ((f"{title}: {why}" if why else title,) for title, why in row.disputed))
