"""The form of the account mapping: an account for each role, one that infactor creates, and the start date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from infactor.core.form_fields import DayInput
from quickbooks_app.bookkeeping import mapping
from quickbooks_app.bookkeeping.chart import CREATED, Chart, new_name
from quickbooks_app.bookkeeping.mapping import CHOSEN, Choice, MappingRefused
from quickbooks_app.models import BookkeepingAccount

Role = BookkeepingAccount.Role
LABELS = {
    Role.BANK: (gettext_lazy("Bank account"), gettext_lazy("Where infactor's payouts arrive.")),
    Role.ADVANCES: (
        gettext_lazy("infactor advances"),
        gettext_lazy("What infactor has advanced: an account of the type Other Current Liability."),
    ),
    Role.DUE: (
        gettext_lazy("Due from infactor"),
        gettext_lazy("What infactor holds for you: an account of the type Other Current Asset."),
    ),
    Role.FEES: (gettext_lazy("Factoring fees"), gettext_lazy("An account of the type Expense.")),
    Role.VENDOR: (gettext_lazy("Vendor"), gettext_lazy("Who stands on the deposits.")),
}


class MappingForm(forms.Form):
    """`cleaned_data["choice"]` is what was chosen, `names` the names of the accounts by role."""

    start_on = forms.DateField(
        label=gettext_lazy("Start date"),
        help_text=gettext_lazy(
            "Nothing of an advance that was paid out before this day is written, whatever happens to it later."
        ),
        widget=DayInput(),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, chart: Chart, today: date, **given: Any) -> None:
        super().__init__(data, **given)
        self._chart, self._today = chart, today
        self.names: dict[str, str] = {}
        for role in CHOSEN:
            found = [(one.id, f"{one.name} ({one.currency})") for one in chart.of(role)]
            can_create = role in CREATED
            first = (
                "",
                gettext("Create “%(new_name)s”") % {"new_name": new_name(role)}
                if can_create
                else gettext("Choose one"),
            )
            label, text = LABELS[role]
            self.fields[role.value] = forms.ChoiceField(
                label=label, help_text=text, choices=[first, *found], required=not can_create
            )
            # Not "optional": what is left empty is created.
            self.fields[role.value].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check the mapping as a whole; what is wrong is said at its field."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        choice = Choice(data["start_on"], {role.value: data[role.value] for role in CHOSEN})
        try:
            found = mapping.check(chosen=choice, chart=self._chart, today=self._today)
        except MappingRefused as refused:
            self.add_error(refused.role if refused.role in self.fields else None, str(refused))
            return data
        self.names = {role: name for role, (_, name) in found.items()}
        data["choice"] = choice
        return data
