"""The forms of corrections of payments."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.form_fields import DayInput
from infactor.core.money import format_amount
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH, SupplierReasonForm, ValueDateAndReasonForm
from infactor.financing.models import CollectionAllocation
from infactor.suppliers.countries import countries


class UnmatchForm(SupplierReasonForm):
    """Asks which parts of the payment are unmatched, and why."""

    allocations = forms.ModelMultipleChoiceField(
        CollectionAllocation.objects.none(),
        label=gettext_lazy("What it is not for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The money of these parts waits to be matched again."),
    )
    field_order = ("allocations", "reason")

    def __init__(self, *args: Any, allocations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["allocations"]
        field.queryset = allocations
        field.label_from_instance = _allocation_label


class DayForm(SupplierReasonForm):
    """Asks for the right value date, and why it was wrong."""

    value_date = forms.DateField(label=gettext_lazy("Right value date"), widget=DayInput())
    field_order = ("value_date", "reason")


class AmountForm(SupplierReasonForm):
    """Asks for the right amount, and why it was wrong."""

    amount = forms.DecimalField(label=gettext_lazy("Right amount"), max_digits=18, decimal_places=2)
    field_order = ("amount", "reason")


class RefundForm(ValueDateAndReasonForm):
    """Asks how much goes back, to which account, when and why."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    holder = forms.CharField(
        max_length=140, label=gettext_lazy("Account holder"), help_text=gettext_lazy("Who had paid it.")
    )
    bank_name = forms.CharField(max_length=140, label=gettext_lazy("Bank"))
    country = forms.ChoiceField(label=gettext_lazy("Country of the bank"), choices=lambda: list(countries().items()))
    account_number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("An IBAN where the country has them. Only its end is shown again."),
    )
    routing_number = forms.CharField(
        label=gettext_lazy("Routing number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The audit log keeps it."),
    )
    field_order = (
        "amount",
        "holder",
        "bank_name",
        "country",
        "account_number",
        "routing_number",
        "value_date",
        "reason",
    )


def _allocation_label(one: CollectionAllocation) -> str:
    what = (
        _("%(advance)s, invoice %(invoice)s") % {"advance": one.advance, "invoice": one.advance.invoice}
        if one.advance
        else str(one.supplier)
    )
    return f"{one.get_kind_display()}: {format_amount(one.amount, one.collection.currency)}, {what}"
