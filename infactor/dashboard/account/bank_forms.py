"""The form for a new bank account."""

from typing import Any

from django import forms

from infactor.suppliers.bank_accounts import AccountDetails
from infactor.suppliers.countries import countries

COMMON_CURRENCIES = ("USD", "CAD", "EUR", "GBP", "AUD")
_NO_AUTOCOMPLETE = {"autocomplete": "off", "spellcheck": "false"}


class BankAccountForm(forms.Form):
    """A new bank account. Accounts are never edited. The `currencies` of the books come first."""

    currency = forms.ChoiceField(help_text="We pay advances in this currency to this account.")
    country = forms.ChoiceField(label="Country of the bank", choices=lambda: [("", "Choose…"), *countries().items()])
    holder = forms.CharField(label="Account holder", max_length=140, help_text="Your company's name at the bank.")
    bank_name = forms.CharField(label="Bank", max_length=140)
    account_number = forms.CharField(
        label="IBAN or account number",
        max_length=60,
        widget=forms.TextInput(attrs=_NO_AUTOCOMPLETE),
        help_text="Enter the IBAN if your country uses IBANs.",
    )
    routing_number = forms.CharField(
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs=_NO_AUTOCOMPLETE),
        help_text="United States: nine digits. Not needed with an IBAN.",
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = dict.fromkeys([*currencies, *COMMON_CURRENCIES])
        self.fields["currency"].choices = [(code, code) for code in choices]  # type: ignore[attr-defined]

    def to_entry(self) -> AccountDetails:
        """The cleaned data."""
        return AccountDetails(**self.cleaned_data)
