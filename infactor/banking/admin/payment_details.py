"""The page on which staff set how a house account pays, and what its page says of payment files and bank days."""

from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import bank_days, payment_details, payment_files
from infactor.banking.admin.decisions import AccountDecision
from infactor.banking.models import HouseAccount
from infactor.banking.payment_details import PaymentDetails
from infactor.core.admin.formatting import day_text
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day, business_zone
from infactor.suppliers.countries import countries

BANKS_OWN_CALENDARS = {
    bank_days.FEDERAL_RESERVE: gettext_lazy("Federal Reserve (banks in the United States)"),
    bank_days.TARGET: gettext_lazy("T2, the European Central Bank (payments in euro)"),
}
NO_CALENDAR = gettext_lazy("Every Monday to Friday")
SHOWN_CLOSED_DAYS = 5
DAYS_AHEAD = 370


def calendar_choices() -> list[tuple[str, str]]:
    """The calendars of central banks, then those of countries by name."""
    known = bank_days.countries()
    by_country = [(code, name) for code, name in countries().items() if code in known]
    return [("", str(NO_CALENDAR)), *((code, str(name)) for code, name in BANKS_OWN_CALENDARS.items()), *by_country]


class PaymentDetailsForm(forms.Form):
    """Asks for what payment files and bank days need."""

    originator_name = forms.CharField(
        label=gettext_lazy("Originator name"),
        max_length=70,
        required=False,
        help_text=gettext_lazy("Your company as the bank knows it. Payees read it on their statements."),
    )
    originator_id = forms.CharField(
        label=gettext_lazy("Originator id"),
        max_length=35,
        required=False,
        help_text=gettext_lazy(
            "The company id that the bank gave you for payment files; for NACHA up to 10 characters."
        ),
    )
    routing_number = forms.CharField(label=gettext_lazy("Routing number"), max_length=20, required=False)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=11, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country of the bank"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("Two letters, like US. An IBAN says it."),
    )
    originating_dfi = forms.CharField(
        label=gettext_lazy("Originating bank"),
        max_length=9,
        required=False,
        help_text=gettext_lazy(
            "NACHA: the routing number of the bank that originates your entries, if it is not the account's own."
        ),
    )
    immediate_destination = forms.CharField(
        label=gettext_lazy("Immediate destination"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("NACHA: who receives the file, if it is not the originating bank."),
    )
    destination_name = forms.CharField(
        label=gettext_lazy("Destination name"),
        max_length=23,
        required=False,
        help_text=gettext_lazy("NACHA: the receiver's name, if it is not the bank's."),
    )
    immediate_origin = forms.CharField(
        label=gettext_lazy("Immediate origin"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("NACHA: who sends the file, if the bank wants no originator id there."),
    )
    payment_format = forms.ChoiceField(
        label=gettext_lazy("Format of payment files"),
        choices=[("", gettext_lazy("None yet")), *payment_files.FORMATS],
        required=False,
    )
    holiday_calendar = forms.ChoiceField(
        label=gettext_lazy("Bank days by"),
        choices=calendar_choices,
        required=False,
        help_text=gettext_lazy("Days on which the bank carries out payments."),
    )
    holiday_subdivision = forms.CharField(
        label=gettext_lazy("State or region"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("Of the country above, where holidays differ, like BY."),
    )
    cut_off = forms.TimeField(
        label=gettext_lazy("Cut-off time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("A file after this time is carried out on the next bank day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cut_off"].help_text += _(" The time is that of %(key)s.") % {"key": business_zone().key}


class PaymentDetailsView(AccountDecision):
    """Set what payment files say of an account, and when its bank works."""

    row: HouseAccount
    name, label = "payment_details", gettext_lazy("Set payment details")
    title, button = gettext_lazy("Payment files and bank days"), gettext_lazy("Save")
    form_class = PaymentDetailsForm

    def get_initial(self) -> dict[str, Any]:
        return {field.name: getattr(self.row, field.name) for field in fields(PaymentDetails)}

    def perform(self, form: Any) -> str:
        details = PaymentDetails(**form.cleaned_data)
        account = payment_details.save(account=self.row, details=details, by=self.user, at=timezone.now())
        return _("The payment details of %(account)s are saved.") % {"account": account}


def calendar_name(account: HouseAccount) -> str:
    """How staff call the calendar of an account's bank."""
    code = account.holiday_calendar
    name = BANKS_OWN_CALENDARS.get(code) or countries().get(code) or NO_CALENDAR
    return f"{name}, {account.holiday_subdivision}" if account.holiday_subdivision else str(name)


def formats_table(account: HouseAccount) -> Table:
    """Which payment files can be written for an account, and what is missing for others."""
    return Table(
        caption=_("Payment files"),
        columns=(_("Format"), _("Can it be written?")),
        rows=[
            (label, payment_files.problem(format=value, account=account) or _("Yes"))
            for value, label in payment_files.FORMATS
        ],
    )


def holidays_table(account: HouseAccount, *, at: datetime) -> Table:
    """The next days from Monday to Friday on which the bank is closed, and when a file of now is carried out."""
    today = business_day(at)
    days = (today + bank_days.ONE_DAY * ahead for ahead in range(DAYS_AHEAD))
    closed = (day for day in days if day.weekday() < bank_days.SATURDAY and not bank_days.is_bank_day(account, day))
    return Table(
        caption=_("Next bank holidays"),
        columns=(_("Day"), _("Why")),
        rows=[(day_text(day), bank_days.closed_because(account, day)) for day in islice(closed, SHOWN_CLOSED_DAYS)],
        empty=_("None in the next year."),
    )
