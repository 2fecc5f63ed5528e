"""Forms for financing: an amount, selected invoices, a reason."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import CENT, MAX_DIGITS, AmountField
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


class UUIDListField(forms.TypedMultipleChoiceField):
    """A list of UUIDs. The view's query checks whom they belong to."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=forms.UUIDField().clean, **kwargs)

    def valid_value(self, value: object) -> bool:
        return True


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
