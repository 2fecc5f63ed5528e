"""The form of the account mapping: an account for each role, one that infactor creates, and the start date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from quickbooks_app.bookkeeping import mapping
from quickbooks_app.bookkeeping.chart import CREATED, Chart, new_name
from quickbooks_app.bookkeeping.mapping import CHOSEN, Choice, MappingRefused
from quickbooks_app.models import BookkeepingAccount

Role = BookkeepingAccount.Role
LABELS = {
    Role.BANK: ("Bank account", "Where infactor's payouts arrive."),
    Role.ADVANCES: ("infactor advances", "What infactor has advanced: an account of the type Other Current Liability."),
    Role.DUE: ("Due from infactor", "What infactor holds for you: an account of the type Other Current Asset."),
    Role.FEES: ("Factoring fees", "An account of the type Expense."),
    Role.VENDOR: ("Vendor", "Who stands on the deposits."),
}


class MappingForm(forms.Form):
    """`cleaned_data["choice"]` is what was chosen, `names` the names of the accounts by role."""

    start_on = forms.DateField(
        label="Start date",
        help_text="Nothing of an advance that was paid out before this day is written, whatever happens to it later.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, chart: Chart, today: date, **given: Any) -> None:
        super().__init__(data, **given)
        self._chart, self._today = chart, today
        self.names: dict[str, str] = {}
        for role in CHOSEN:
            found = [(one.id, f"{one.name} ({one.currency})") for one in chart.of(role)]
            can_create = role in CREATED
            first = ("", f"Create “{new_name(role)}”" if can_create else "Choose one")
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
