"""What may be asked of the invoice list, and what of it was understood."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import RegexValidator

from infactor.dashboard import eligibility_labels
from infactor.invoices.selectors import SORTS, Filters

STATUSES = [
    ("", "All"),
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("partly_paid", "Partly paid"),
    ("paid", "Paid"),
    ("incomplete", "Something missing"),
    ("voided", "Voided"),
    ("deleted", "Deleted in QuickBooks"),
]


class InvoiceFilterForm(forms.Form):
    """The query of the invoice list. A part that makes no sense is named to its reader and left out."""

    q = forms.CharField(label="Search", required=False, max_length=200)
    status = forms.ChoiceField(choices=STATUSES, required=False)
    currency = forms.CharField(required=False, validators=[RegexValidator(r"^[A-Z]{3}\Z", "Choose a currency.")])
    buyer = forms.UUIDField(required=False)
    financing = forms.ChoiceField(choices=eligibility_labels.FILTERS, required=False)
    due_from = forms.DateField(label="Due from", required=False)
    due_to = forms.DateField(label="Due until", required=False)
    sort = forms.CharField(required=False, max_length=20)

    def clean_sort(self) -> str:
        asked = str(self.cleaned_data["sort"])
        return asked if asked.removeprefix("-") in SORTS else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("due_from"), cleaned.get("due_to")
        if start and end and start > end:
            self.add_error("due_to", "This day comes before the first one.")
        return cleaned

    def filters(self) -> Filters:
        """What was understood."""
        self.is_valid()
        asked = self.cleaned_data
        return Filters(
            text=asked.get("q", ""),
            status=asked.get("status", ""),
            currency=asked.get("currency", ""),
            buyer=asked.get("buyer"),
            due_from=asked.get("due_from"),
            due_to=asked.get("due_to"),
            financing=asked.get("financing", ""),
            sort=asked.get("sort") or "-issued",
        )


class PeriodForm(forms.Form):
    """From which day to which. A day that makes no sense is named to its reader and left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `from` is a word of Python's own.
        self.fields["from"] = forms.DateField(label="From", required=False)
        self.fields["to"] = forms.DateField(label="Until", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from") and cleaned.get("to") and cleaned["from"] > cleaned["to"]:
            self.add_error("to", "This day comes before the first one.")
        return cleaned

    def period(self) -> tuple[date | None, date | None]:
        """What was understood."""
        self.is_valid()
        return self.cleaned_data.get("from"), self.cleaned_data.get("to")


def query_of(filters: Filters, **changes: str | int) -> str:
    """The query string that asks for `filters`, with `changes` of its own names; what is usual is left out."""
    usual = Filters()
    named = {
        "q": filters.text,
        "status": filters.status,
        "currency": filters.currency,
        "buyer": filters.buyer,
        "due_from": filters.due_from,
        "due_to": filters.due_to,
        "financing": filters.financing,
        "sort": "" if filters.sort == usual.sort else filters.sort,
        **changes,
    }
    return urlencode({name: str(value) for name, value in named.items() if value})
