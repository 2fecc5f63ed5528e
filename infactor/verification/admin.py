"""Buyer verifications in admin: their list, recording an answer by phone, sending again, and withdrawing."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import dateformat, timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text, change_url, waiting_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts
from infactor.invoices.models import Invoice
from infactor.suppliers.access import signed_in_user
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, AnswerIncomplete, SubmittedAnswer
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

PERMISSION = "verification.record_answer"


class PhoneForm(forms.Form):
    """Asks what the buyer said by phone."""

    answer = forms.ChoiceField(choices=Answer.choices, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        required=False,
        max_digits=18,
        decimal_places=2,
        help_text="Only if a part is confirmed: the confirmed part of the open amount.",
    )
    reason = forms.CharField(
        required=False,
        max_length=answers.MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the buyer's words, for a part or a dispute. The supplier reads it.",
    )
    name = forms.CharField(max_length=answers.MAX_NAME_LENGTH, help_text="The person at the buyer who answered.")
    phone_number = forms.CharField(label="Number called", max_length=40, help_text="As proof. Only staff see it.")
    call_note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where you found the number, and whatever else matters. Only staff see it.",
    )


class PhoneAnswerView(DecisionView):
    """Record what the buyer of an invoice said by phone."""

    title = "Record an answer by phone"
    button = "Record"
    permission = PERMISSION
    form_class = PhoneForm
    refusals = (NotVerifiable, AnswerIncomplete)
    notes = ("Call a number that you found yourself, not one that the supplier gave you.",)
    invoice: Invoice

    def load(self) -> None:
        rows = Invoice.objects.select_related("supplier", "buyer")
        self.invoice = get_object_or_404(rows, pk=self.kwargs["invoice_id"])

    def get_success_url(self) -> str:
        return change_url(self.invoice)

    def facts(self) -> Facts:
        invoice = self.invoice
        snapshot = requests.snapshot_fields(invoice=invoice)["facts"]
        return [
            ("Supplier", invoice.supplier.name),
            ("Buyer", snapshot["buyer"]),
            ("Invoice", snapshot["number"]),
            ("Issued", _iso_day_text(snapshot["issued"])),
            ("Due", _iso_day_text(snapshot["due"])),
            ("Amount", amount_text(invoice.invoice_amount, invoice.currency)),
            ("Open now", amount_text(invoice.balance, invoice.currency)),
        ]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        submitted = SubmittedAnswer(
            answer=data["answer"],
            name=data["name"],
            amount=data["amount"] if data["answer"] == Answer.PART else None,
            reason=data["reason"] if data["answer"] != Answer.ALL else "",
            phone_number=data["phone_number"],
            call_note=data["call_note"],
        )
        user = signed_in_user(self.request)
        recorded = answers.record_phone_answer(invoice=self.invoice, by=user, submitted=submitted, at=timezone.now())
        closed = " The link in the e-mail no longer works." if recorded.sent_at is not None else ""
        return f"The answer is recorded.{closed}"


class VerificationDecision(RowDecision, DecisionView):
    """A decision on an open verification."""

    row: Verification
    permission = PERMISSION

    @classmethod
    def is_possible(cls, row: Verification) -> bool:
        return row.status in Verification.OPEN


class RecordAnswerView(VerificationDecision, PhoneAnswerView):
    """Record what the buyer said by phone instead of answering by the link."""

    name = "record"
    label = "Record an answer by phone"

    def load(self) -> None:
        super().load()
        self.invoice = self.row.invoice


class ResendView(VerificationDecision):
    """Send the e-mail to the buyer again."""

    name = "resend"
    label = button = "Send again"
    title = "Send the e-mail again"
    refusals = (NotVerifiable,)
    notes = ("The links in the earlier e-mails still work.",)

    @classmethod
    def is_possible(cls, row: Verification) -> bool:
        return row.status == Verification.Status.SENT

    def facts(self) -> Facts:
        return _facts(self.row)

    def perform(self, form: Any) -> str:
        requests.resend(verification=self.row, by=signed_in_user(self.request), at=timezone.now())
        return "The e-mail is sent again."


class WithdrawView(VerificationDecision):
    """Withdraw the request to the buyer."""

    name = "withdraw"
    label = button = "Withdraw"
    title = "Withdraw the verification"
    form_class = ReasonForm

    def facts(self) -> Facts:
        return _facts(self.row)

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        requests.withdraw(verification=self.row, by=user, at=timezone.now(), reason=reason)
        return "The verification is withdrawn."


def _facts(row: Verification) -> Facts:
    return [
        ("Supplier", row.supplier.name),
        ("Buyer", row.facts["buyer"]),
        ("Invoice", row.facts["number"]),
        ("Open at request", amount_text(row.balance_asked, row.currency)),
        ("Sent to", row.to or "nobody yet"),
    ]


def _iso_day_text(written: str | None) -> str:
    """A day of the snapshot, which holds ISO texts."""
    return dateformat.format(date.fromisoformat(written), "M j, Y") if written else "not given"


class AddressFilter(admin.SimpleListFilter):
    title = "address"
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("changed", "Not from the books")]

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
    list_select_related = ("supplier",)
    search_fields = ("invoice__invoice_no", "supplier__name", "invoice__company_name", "public_id", "to")
    search_help_text = "By invoice, supplier, buyer or the address it went to"
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
        "answered_from",
        "recorded_by",
        "phone_number",
        "call_note",
        "confirmed",
        "dispute_reason",
        "disputed",
        "public_id",
    )
    readonly_fields = ("asked", "text", "confirmed", "disputed", "public_id")
    decisions = (RecordAnswerView, ResendView, WithdrawView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        rows: QuerySet[Verification] = super().get_queryset(request)
        return rows.select_related("supplier", "invoice")

    def get_urls(self) -> list[URLPattern]:
        """With the page that records a call about any invoice."""
        phone = path(
            "phone/<int:invoice_id>/",
            self.admin_site.admin_view(PhoneAnswerView.as_view()),
            name="verification_verification_phone",
        )
        return [phone, *super().get_urls()]

    @admin.display(description="Invoice", ordering="invoice__invoice_no")
    def number(self, row: Verification) -> str:
        return str(row.facts["number"] or "No number")

    @admin.display(description="Buyer", ordering="invoice__company_name")
    def buyer(self, row: Verification) -> str:
        return str(row.facts["buyer"])

    @admin.display(description="Open at request", ordering="balance_asked")
    def asked(self, row: Verification) -> SafeString:
        return amount_text(row.balance_asked, row.currency)

    @admin.display(description="Confirmed", ordering="confirmed_amount")
    def confirmed(self, row: Verification) -> SafeString | str:
        return "" if row.confirmed_amount is None else amount_text(row.confirmed_amount, row.currency)

    @admin.display(description="Text")
    def text(self, row: Verification) -> str:
        return row.body.replace("{link}", "(the buyer's own link)")

    @admin.display(description="Waiting", ordering="-sent_at")
    def waiting(self, row: Verification) -> str:
        is_waiting = row.status == Verification.Status.SENT
        return waiting_text(row.sent_at, now=timezone.now()) if is_waiting else ""

    @admin.display(description="Lines disputed")
    def disputed(self, row: Verification) -> SafeString:
        lines = row.facts["lines"]
        return format_html_join("; ", "{}", ((lines[place]["title"],) for place in row.disputed_lines))
