"""The forms of house accounts."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

from infactor.banking import open_accounts
from infactor.banking.models import Movement
from infactor.core.form_fields import DayInput

NEW_KINDS = [choice for choice in Movement.Kind.choices if choice[0] != Movement.Kind.OPENING]


class HouseAccountForm(forms.Form):
    """Asks for a new account."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("How staff call it, like “Operating account”."),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", gettext_lazy("Three letters, like USD."))],
        help_text=gettext_lazy("Three letters, like USD. It is never changed."),
    )
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=140)
    account_number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "An IBAN where the country has them. Statements are recognised by it; only its end is shown again."
        ),
    )
    routing_number = forms.CharField(label=gettext_lazy("Routing number"), max_length=20, required=False)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=11, required=False)
    may_be_overdrawn = forms.BooleanField(
        label=gettext_lazy("May be overdrawn"),
        required=False,
        help_text=gettext_lazy("Otherwise nothing is paid out that would bring the account below zero."),
    )


class ChangeForm(forms.Form):
    """Asks for what may be changed of an account."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    may_be_overdrawn = forms.BooleanField(label=gettext_lazy("May be overdrawn"), required=False)


class OpeningBalanceForm(forms.Form):
    """Asks for the balance with which the statements begin."""

    balance = forms.DecimalField(
        label=gettext_lazy("Balance"),
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("By the bank, below zero if overdrawn."),
    )
    value_date = forms.DateField(
        label=gettext_lazy("At the end of"),
        widget=DayInput(),
        help_text=gettext_lazy("The last day before the first statement that you import."),
    )


class MovementForm(forms.Form):
    """Asks for a movement that is no payment of a buyer and no payout."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=NEW_KINDS)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("Below zero for money that goes out."),
    )
    other_account = forms.ModelChoiceField(
        open_accounts.choices(),
        label=gettext_lazy("Other account"),
        required=False,
        help_text=gettext_lazy("For a transfer between house accounts only."),
    )
    value_date = forms.DateField(label=gettext_lazy("Value date"), widget=DayInput())
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)
