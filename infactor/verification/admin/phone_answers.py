"""Recording in admin what a buyer said by phone."""

from datetime import date
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin import panels
from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.formatting import amount_text, change_url
from infactor.core.admin.tables import Facts, Table
from infactor.core.dates import format_day
from infactor.core.form_fields import DayInput
from infactor.invoices.models import Invoice
from infactor.suppliers.access import signed_in_user
from infactor.verification import answers, requests
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from infactor.verification.submitted import (
    MAX_NAME_LENGTH,
    MAX_REASON_LENGTH,
    Answer,
    AnswerIncomplete,
    SubmittedAnswer,
)

PERMISSION = "verification.record_answer"


class PhoneForm(forms.Form):
    """Asks what the buyer said by phone."""

    answer = forms.ChoiceField(label=gettext_lazy("Answer"), choices=Answer.choices, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        required=False,
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("Only if a part is confirmed: the confirmed part of the open amount."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("In the buyer's words, for a part or a dispute. The supplier reads it."),
    )
    paid_on = forms.DateField(
        label=gettext_lazy("Paid on"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("Only if it is already paid."),
    )
    paid_to = forms.ChoiceField(
        label=gettext_lazy("Paid to"),
        required=False,
        choices=[("", gettext_lazy("Choose")), *Verification.PaidTo.choices],
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        help_text=gettext_lazy("The person at the buyer who answered."),
    )
    phone_number = forms.CharField(
        label=gettext_lazy("Number called"), max_length=40, help_text=gettext_lazy("As proof. Only staff see it.")
    )
    call_note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Where you found the number, and whatever else matters. Only staff see it."),
    )


class PhoneAnswerView(DecisionView):
    """Record what the buyer of an invoice said by phone."""

    title = gettext_lazy("Record an answer by phone")
    button = gettext_lazy("Record")
    permission = PERMISSION
    form_class = PhoneForm
    refusals = (NotVerifiable, AnswerIncomplete)
    notes = (gettext_lazy("Call a number that you found yourself, not one that the supplier gave you."),)
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
            (_("Supplier"), invoice.supplier.name),
            (_("Buyer"), snapshot["buyer"]),
            (_("Invoice"), snapshot["number"]),
            (_("Issued"), _iso_day_text(snapshot["issued"])),
            (_("Due"), _iso_day_text(snapshot["due"])),
            (_("Amount"), amount_text(invoice.invoice_amount, invoice.currency)),
            (_("Open now"), amount_text(invoice.balance, invoice.currency)),
        ]

    def tables(self) -> list[Table]:
        return panels.background(row=self.invoice, user=self.request.user)

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        submitted = SubmittedAnswer(
            answer=data["answer"],
            name=data["name"],
            amount=data["amount"] if data["answer"] == Answer.PART else None,
            reason=data["reason"] if data["answer"] != Answer.ALL else "",
            paid_on=data["paid_on"] if data["answer"] == Answer.PAID else None,
            paid_to=data["paid_to"] if data["answer"] == Answer.PAID else "",
            phone_number=data["phone_number"],
            call_note=data["call_note"],
        )
        user = signed_in_user(self.request)
        recorded = answers.record_phone_answer(invoice=self.invoice, by=user, submitted=submitted, at=timezone.now())
        closed = _(" The link in the email no longer works.") if recorded.sent_at is not None else ""
        return _("The answer is recorded.%(closed)s") % {"closed": closed}


def _iso_day_text(written: str | None) -> str:
    """A day of the snapshot, which holds ISO texts."""
    return format_day(date.fromisoformat(written)) if written else _("not given")
