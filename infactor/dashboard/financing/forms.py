"""Forms for financing: an amount, selected invoices, a reason."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import CENT, MAX_DIGITS, AmountField, DayInput, UUIDListField
from infactor.financing.models import MAX_INVOICES_PER_REQUEST


class AmountForm(forms.Form):
    """The amount that the supplier needs. `currencies` are those with financing terms."""

    use_required_attribute = False

    amount = AmountField(
        label=gettext_lazy("How much do you need?"), error_messages={"required": gettext_lazy("Enter an amount.")}
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currencies = currencies  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]


class InvoiceSelectionForm(forms.Form):
    """The selected invoices, or an offer that has them, and the requested amount if a suggestion selected them."""

    invoice = UUIDListField(label=gettext_lazy("Invoice"), required=False)
    offer = forms.UUIDField(required=False)
    requested_amount = forms.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=2, validators=[MinValueValidator(CENT)], required=False
    )

    def clean_invoice(self) -> list[Any]:
        selected = list(self.cleaned_data["invoice"])
        if len(selected) > MAX_INVOICES_PER_REQUEST:
            raise forms.ValidationError(
                _("Choose at most %(max_invoices_per_request)s invoices.")
                % {"max_invoices_per_request": MAX_INVOICES_PER_REQUEST}
            )
        return selected


class OfferSelectionForm(forms.Form):
    """The selected invoices of an offer, and the digest of the disclosure that the page showed."""

    line = UUIDListField(required=False)
    disclosure_digest = forms.CharField(required=False, max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}\Z")])


class ReasonForm(forms.Form):
    """An optional reason."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False, strip=True)


class SentPaymentForm(forms.Form):
    """What the supplier has sent: how much, when, with which reference."""

    use_required_attribute = False

    amount = AmountField(
        label=gettext_lazy("Amount sent"), error_messages={"required": gettext_lazy("Enter an amount.")}
    )
    sent_on = forms.DateField(
        label=gettext_lazy("Sent on"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Enter the day on which your bank sends the transfer.")},
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference of the transfer"),
        max_length=140,
        error_messages={"required": gettext_lazy("Enter the reference of the transfer.")},
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currencies = [currency]  # type: ignore[attr-defined]
