"""The form for a new bank account."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import AmountField
from infactor.suppliers.bank_accounts import AccountDetails
from infactor.suppliers.countries import countries
from infactor.suppliers.models import BankAccount

COMMON_CURRENCIES = ("USD", "CAD", "EUR", "GBP", "AUD")
_NO_AUTOCOMPLETE = {"autocomplete": "off", "spellcheck": "false"}


class AmountsForm(forms.Form):
    """The amounts of two micro-deposits to `account`, in any order."""

    first = AmountField(label=gettext_lazy("First amount"))
    second = AmountField(label=gettext_lazy("Second amount"))

    def __init__(self, *args: Any, account: BankAccount, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "prefix": str(account.pk), **kwargs})
        self.account = account
        for name in ("first", "second"):
            self.fields[name].currencies = [account.currency]  # type: ignore[attr-defined]


class BankAccountForm(forms.Form):
    """A new bank account. Accounts are never edited. The `currencies` of the books come first."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("We pay advances in this currency to this account.")
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country of the bank"), choices=lambda: [("", _("Choose…")), *countries().items()]
    )
    holder = forms.CharField(
        label=gettext_lazy("Account holder"), max_length=140, help_text=gettext_lazy("Your company's name at the bank.")
    )
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=140)
    account_number = forms.CharField(
        label=gettext_lazy("IBAN or account number"),
        max_length=60,
        widget=forms.TextInput(attrs=_NO_AUTOCOMPLETE),
        help_text=gettext_lazy("Enter the IBAN if your country uses IBANs."),
    )
    routing_number = forms.CharField(
        label=gettext_lazy("Routing number"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs=_NO_AUTOCOMPLETE),
        help_text=gettext_lazy("United States: nine digits. Not needed with an IBAN."),
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = dict.fromkeys([*currencies, *COMMON_CURRENCIES])
        self.fields["currency"].choices = [(code, code) for code in choices]  # type: ignore[attr-defined]

    def to_entry(self) -> AccountDetails:
        """The cleaned data."""
        return AccountDetails(**self.cleaned_data)
