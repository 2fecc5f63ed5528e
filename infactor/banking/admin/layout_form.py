"""The form that asks how a CSV file is read; it begins with what was found."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from infactor.banking.formats import csv_layout
from infactor.banking.formats.csv_layout import Detection

ASK = ("", gettext_lazy("Choose"))


class LayoutForm(forms.Form):
    """Encoding, delimiter, decimal sign, order of days, and what each column is."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=list(csv_layout.ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=gettext_lazy("Delimiter"), choices=list(csv_layout.DELIMITERS.items()))
    decimal_sign = forms.ChoiceField(
        label=gettext_lazy("Decimal sign"), choices=[ASK, *csv_layout.DECIMAL_SIGNS.items()]
    )
    date_order = forms.ChoiceField(
        label=gettext_lazy("Days are written"), choices=[ASK, *csv_layout.DATE_ORDERS.items()]
    )

    def __init__(self, *args: Any, detection: Detection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        layout = detection.layout
        self.detection = detection
        for name in ("encoding", "delimiter", "decimal_sign", "date_order"):
            self.fields[name].initial = getattr(layout, name)
            if name in detection.undecided:
                self.fields[name].help_text = gettext("The file does not decide this. Look at the lines above.")
        roles = {name: role for role, names in layout.columns.items() for name in names}
        choices = [("", gettext("Not used")), *((role, label) for role, (label, _) in csv_layout.ROLES.items())]
        for number, name in enumerate(layout.header):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=gettext("Column “%(name)s”") % {"name": name},
                choices=choices,
                required=False,
                initial=roles.get(name, ""),
            )

    def clean(self) -> dict[str, Any]:
        """A day and an amount are needed; only texts may be in several columns."""
        data: dict[str, Any] = super().clean() or {}
        columns = self._columns(data)
        if not columns.get("value_date") and not columns.get("booking_date"):
            self.add_error(None, gettext("Say which column is the day."))
        if not columns.get("amount") and not (columns.get("debit") and columns.get("credit")):
            self.add_error(None, gettext("Say which column is the amount, or which are debit and credit."))
        for role, names in columns.items():
            if len(names) > 1 and role not in csv_layout.SEVERAL:
                self.add_error(None, _("Only one column can be “%(role)s”.") % {"role": csv_layout.ROLES[role][0]})
        return data

    def chosen(self) -> dict[str, Any]:
        """The choices as `csv_layout.detect` takes them."""
        data = self.cleaned_data
        names = ("encoding", "delimiter", "decimal_sign", "date_order")
        return {**{name: data[name] for name in names}, "columns": self._columns(data)}

    def _columns(self, data: dict[str, Any]) -> dict[str, list[str]]:
        columns: dict[str, list[str]] = {}
        for number, name in enumerate(self.detection.layout.header):
            if role := data.get(f"column_{number}"):
                columns.setdefault(role, []).append(name)
        return columns
