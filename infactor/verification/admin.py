"""Questions to buyers in admin: the queue of those who wait, and what staff may do about one."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from infactor.core import money
from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import (
    DecidedAdmin,
    Decision,
    ReasonForm,
    confirm_page,
    page_of,
)
from infactor.invoices.models import Invoice
from infactor.suppliers.access import person
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, AnswerIncomplete, Given
from infactor.verification.models import Verification

PERMISSION = "verification.record_answer"


class PhoneForm(forms.Form):
    """What the buyer said by phone."""

    answer = forms.ChoiceField(choices=Answer.choices, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        required=False, max_digits=18, decimal_places=2, help_text="Only for a part: what is right of the open amount."
    )
    reason = forms.CharField(
        required=False,
        max_length=answers.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the buyer's words, for a part or a dispute. The supplier reads it.",
    )
    name = forms.CharField(max_length=answers.LONGEST_NAME, help_text="Who answered, at the buyer.")
    acknowledged = forms.BooleanField(
        required=False, label="They know that payments of this invoice go to infactor's account"
    )


def _record(request: HttpRequest, row: Verification) -> HttpResponse:
    return _call(request, row.invoice, back=page_of(row))


def _phone(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """The page of a call about an invoice that nobody may have been asked about."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    invoice = get_object_or_404(Invoice.objects.select_related("supplier", "buyer"), pk=invoice_id)
    return _call(request, invoice, back=reverse("admin:invoices_invoice_change", args=[invoice.pk]))


def _call(request: HttpRequest, invoice: Invoice, *, back: str) -> HttpResponse:
    current = requests.facts_of(invoice=invoice)

    def act(said: Mapping[str, Any]) -> str:
        given = Given(
            answer=said["answer"],
            name=said["name"],
            amount=said["amount"] if said["answer"] == Answer.PART else None,
            reason=said["reason"] if said["answer"] != Answer.ALL else "",
            acknowledged=said["acknowledged"],
        )
        answers.record_by_phone(invoice=invoice, by=person(request), given=given, at=timezone.now())
        return "The answer is recorded. The link in the mail is closed."

    return confirm_page(
        request,
        title="Record an answer by phone",
        button="Record the answer",
        facts=[
            ("Supplier", invoice.supplier.name),
            ("Buyer", current["facts"]["buyer"]),
            ("Invoice", current["facts"]["number"]),
            ("Issued", _day(current["facts"]["issued"])),
            ("Due", _day(current["facts"]["due"])),
            ("Amount", _amount(invoice.invoice_amount, invoice.currency)),
            ("Open now", _amount(invoice.balance, invoice.currency)),
        ],
        notes=["Call a number that you found yourself, not one that the supplier gave you."],
        form=PhoneForm,
        act=act,
        refusals=(requests.NotAskable, AnswerIncomplete),
        back=back,
    )


def _resend(request: HttpRequest, row: Verification) -> HttpResponse:
    def act(said: Mapping[str, Any]) -> str:
        requests.resend(verification=row, by=person(request), at=timezone.now())
        return "The mail goes out once more."

    return confirm_page(
        request,
        title="Send the mail once more",
        button="Send it",
        facts=_facts(row),
        notes=["The links of the earlier mails work as before."],
        act=act,
        refusals=(requests.NotAskable,),
        back=page_of(row),
    )


def _withdraw(request: HttpRequest, row: Verification) -> HttpResponse:
    def act(said: Mapping[str, Any]) -> str:
        requests.withdraw(verification=row, by=person(request), at=timezone.now(), reason=said["reason"])
        return "The question is taken back."

    return confirm_page(
        request,
        title="Take the question back",
        button="Take it back",
        facts=_facts(row),
        form=ReasonForm,
        act=act,
        back=page_of(row),
    )


def _facts(row: Verification) -> list[tuple[str, object]]:
    return [
        ("Supplier", row.supplier.name),
        ("Buyer", row.facts["buyer"]),
        ("Invoice", row.facts["number"]),
        ("Open when asked", _amount(row.balance_asked, row.currency)),
        ("Sent to", row.to or "nobody yet"),
    ]


def _amount(amount: Any, currency: str) -> str:
    return "cannot be read" if amount is None else money.text(amount, currency)


def _day(written: str | None) -> str:
    """A day of the facts, which are kept as text."""
    return dateformat.format(date.fromisoformat(written), "M j, Y") if written else "not given"


def _is_open(row: Verification) -> bool:
    return row.status in Verification.OPEN


class AddressFilter(admin.SimpleListFilter):
    title = "address"
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("changed", "Not of the books")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Verification]) -> QuerySet[Verification]:
        return queryset.filter(address_changed=True) if self.value() == "changed" else queryset


@admin.register(Verification)
class VerificationAdmin(DecidedAdmin):
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
    # The links are left out by being left unnamed.
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
        "confirmed",
        "dispute_reason",
        "disputed",
        "assignment_acknowledged_at",
        "public_id",
    )
    readonly_fields = ("asked", "text", "confirmed", "disputed", "public_id")
    decisions = (
        Decision("record", "Record an answer by phone", PERMISSION, _record, _is_open),
        Decision("resend", "Send once more", PERMISSION, _resend, lambda row: row.status == Verification.Status.SENT),
        Decision("withdraw", "Take back", PERMISSION, _withdraw, _is_open),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        rows: QuerySet[Verification] = super().get_queryset(request)
        return rows.select_related("supplier", "invoice")

    def get_urls(self) -> list[URLPattern]:
        """With the page of a call about any invoice: `admin:verification_verification_phone`."""
        phone = path(
            "phone/<int:invoice_id>/", self.admin_site.admin_view(_phone), name="verification_verification_phone"
        )
        return [phone, *super().get_urls()]

    @admin.display(description="Invoice", ordering="invoice__invoice_no")
    def number(self, row: Verification) -> str:
        return str(row.facts["number"] or "No number")

    @admin.display(description="Buyer", ordering="invoice__company_name")
    def buyer(self, row: Verification) -> str:
        return str(row.facts["buyer"])

    @admin.display(description="Open when asked", ordering="balance_asked")
    def asked(self, row: Verification) -> SafeString:
        return amount_text(row.balance_asked, row.currency)

    @admin.display(description="Confirmed", ordering="confirmed_amount")
    def confirmed(self, row: Verification) -> SafeString | str:
        return "" if row.confirmed_amount is None else amount_text(row.confirmed_amount, row.currency)

    @admin.display(description="Text")
    def text(self, row: Verification) -> str:
        return row.body.replace("{link}", "(the buyer's own link)")

    @admin.display(description="Waiting for", ordering="-sent_at")
    def waiting(self, row: Verification) -> str:
        if row.status != Verification.Status.SENT or row.sent_at is None:
            return ""
        now = timezone.now()
        return "less than a day" if now - row.sent_at < timedelta(days=1) else timesince(row.sent_at, now)

    @admin.display(description="Lines disputed")
    def disputed(self, row: Verification) -> SafeString:
        lines = row.facts["lines"]
        return format_html_join("; ", "{}", ((lines[place]["title"],) for place in row.disputed_lines))
