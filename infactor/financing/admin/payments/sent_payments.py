"""What suppliers say that they sent, in admin: until the payment is recorded, or staff say what became of it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import amount_text, day_text, link, moment_text, waiting_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts
from infactor.core.lists.cells import AmountText
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.collections import sent_payments
from infactor.financing.models import SentPayment
from infactor.financing.remittance_instructions import payment_reference


class CloseForm(forms.Form):
    """Asks what became of it, and how that is known."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=SentPayment.Outcome.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CloseView(RowDecision, FinancingDecision):
    """Say what became of a payment that no recorded payment answered."""

    row: SentPayment
    name = "close"
    label = button = gettext_lazy("Close")
    title = gettext_lazy("Close what the supplier said")
    permission = sent_payments.CLOSE
    form_class = CloseForm
    notes = (
        gettext_lazy("It closes by itself when the payment is recorded with this amount or reference."),
        gettext_lazy("No money moves by this. What the supplier owes stays as it is."),
    )

    @classmethod
    def is_possible(cls, row: SentPayment) -> bool:
        return row.is_open

    @classmethod
    def blocker_of(cls, row: SentPayment) -> str:
        return done_blocker(_("closed"), at=row.ended_at, by=row.ended_by) if row.ended_at else super().blocker_of(row)

    def facts(self) -> Facts:
        row = self.row
        own = payment_reference(number="", public_id=row.supplier.public_id)
        return [
            (_("Supplier"), link(row.supplier)),
            (_("For"), link(row.advance) if row.advance is not None else _("All that it owes")),
            (_("Amount"), amount_text(row.amount, row.currency)),
            (_("Sent on"), day_text(row.sent_on)),
            (_("Reference"), row.reference),
            (_("Our reference for this supplier"), own),
            (_("Said by"), f"{row.said_by}, {moment_text(row.said_at)}"),
        ]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        sent_payments.close(
            sent=self.row, outcome=data["outcome"], reason=data["reason"], by=self.user, at=timezone.now()
        )
        return _("It is closed.")


class OpenFilter(YesNoFilter):
    title = gettext_lazy("status")
    parameter_name = "open"
    yes, no = gettext_lazy("Open"), gettext_lazy("Closed")

    def condition(self) -> Q:
        return Q(ended_at__isnull=True)


@admin.register(SentPayment)
class SentPaymentAdmin(DecisionAdmin):
    list_display = ("supplier", "shown_amount", "sent_on", "reference", "advance", "waiting", "said_at", "outcome")
    list_filter = (OpenFilter, "outcome", "sent_on", ("supplier", admin.RelatedOnlyFieldListFilter))
    queues = {("open", "yes"): "said_at"}
    summed = ((gettext_lazy("Amount"), "amount"),)
    currency_column = "currency"
    search_fields = ("supplier__name", "reference", "=amount", "=advance__id")
    search_help_text = gettext_lazy("By supplier, reference, exact amount or number of the advance")
    date_hierarchy = "said_at"
    fields = (
        "supplier",
        "advance",
        "shown_amount",
        "sent_on",
        "reference",
        "said_by",
        "said_at",
        "outcome",
        "collection",
        "reason",
        "ended_by",
        "ended_at",
        "public_id",
    )
    readonly_fields = ("shown_amount", "public_id")
    decisions = (CloseView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SentPayment]:
        rows: QuerySet[SentPayment] = super().get_queryset(request)
        return rows.select_related(
            "supplier", "advance__supplier", "advance__invoice", "said_by", "ended_by", "collection"
        )

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, row: SentPayment) -> AmountText:
        return amount_text(row.amount, row.currency)

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, row: SentPayment) -> str:
        return waiting_text(row.said_at, now=timezone.now()) if row.is_open else ""
