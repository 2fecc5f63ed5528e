"""What is typed when money is asked for: an amount, the chosen invoices, a reason."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator, RegexValidator

from infactor.core.form_fields import CENT, DIGITS, AmountField
from infactor.financing.origination.requests import MOST_INVOICES


class AmountForm(forms.Form):
    """ "I need so much." `currencies` are those that are financed."""

    use_required_attribute = False

    amount = AmountField(label="I need", error_messages={"required": "Enter how much you need."})
    currency = forms.ChoiceField()

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currencies = currencies  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]


class ManyIdsField(forms.TypedMultipleChoiceField):
    """Ids of rows, whichever they are: whose they are is the query's to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=forms.UUIDField().clean, **kwargs)

    def valid_value(self, value: object) -> bool:
        return True


class ChosenForm(forms.Form):
    """The invoices of a request, and the amount that they were chosen for, if they were chosen by one."""

    invoice = ManyIdsField(required=False)
    asked_for = forms.DecimalField(
        max_digits=DIGITS, decimal_places=2, validators=[MinValueValidator(CENT)], required=False
    )

    def clean_invoice(self) -> list[Any]:
        found = list(self.cleaned_data["invoice"])
        if len(found) > MOST_INVOICES:
            raise forms.ValidationError(f"Choose at most {MOST_INVOICES} invoices.")
        return found


class AcceptForm(forms.Form):
    """Which invoices of an offer are accepted, and the digest of the figures that stood above the button."""

    line = ManyIdsField(required=False)
    shown = forms.CharField(required=False, max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}\Z")])


class ReasonForm(forms.Form):
    """Why something is given up; where it may be left out, it is."""

    reason = forms.CharField(max_length=300, required=False, strip=True)
