"""A bank account as a form."""

from typing import Any

from django import forms

from infactor.suppliers.bank_accounts import Entry
from infactor.suppliers.countries import countries

USUAL_CURRENCIES = ("USD", "CAD", "EUR", "GBP", "AUD")
_NO_FILL = {"autocomplete": "off", "spellcheck": "false"}


class BankAccountForm(forms.Form):
    """A whole account: another one is entered anew, never changed. `currencies` of the books stand first."""

    currency = forms.ChoiceField(help_text="What is advanced in this currency is paid to this account.")
    country = forms.ChoiceField(label="Country of the bank", choices=lambda: [("", "Choose…"), *countries().items()])
    holder = forms.CharField(label="Account holder", max_length=140, help_text="Your company, as the bank has it.")
    bank_name = forms.CharField(label="Bank", max_length=140)
    account_number = forms.CharField(
        label="IBAN or account number",
        max_length=60,
        widget=forms.TextInput(attrs=_NO_FILL),
        help_text="The IBAN where the country has them.",
    )
    routing_number = forms.CharField(
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs=_NO_FILL),
        help_text="In the United States: nine digits. Not needed with an IBAN.",
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = dict.fromkeys([*currencies, *USUAL_CURRENCIES])
        self.fields["currency"].choices = [(code, code) for code in offered]  # type: ignore[attr-defined]

    def entry(self) -> Entry:
        """What was understood."""
        return Entry(**self.cleaned_data)
