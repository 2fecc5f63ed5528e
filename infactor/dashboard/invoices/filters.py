"""Filters of the invoice list and of the statement, parsed from the query string."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.dashboard import eligibility_labels
from infactor.financing.origination import offer_outcomes
from infactor.invoices import customers, selectors
from infactor.invoices.models import Invoice
from infactor.invoices.selectors import SORTS, InvoiceFilters
from infactor.suppliers.models import Supplier

STATUSES = [
    ("", gettext_lazy("All")),
    ("open", gettext_lazy("Open")),
    ("overdue", gettext_lazy("Overdue")),
    ("partly_paid", gettext_lazy("Partly paid")),
    ("paid", gettext_lazy("Paid")),
    ("draft", gettext_lazy("Drafts")),
    ("incomplete", gettext_lazy("Something missing")),
    ("voided", gettext_lazy("Voided")),
    ("deleted", gettext_lazy("Deleted in QuickBooks")),
]
NO_SUCH_FILTER = {"invalid_choice": gettext_lazy("There is no such filter. You see all invoices instead.")}
SOURCES = [("", gettext_lazy("All")), ("quickbooks", "QuickBooks"), ("by_hand", gettext_lazy("Entered by hand"))]


class InvoiceFilterForm(forms.Form):
    """The query of the invoice list. An invalid value shows an error and is ignored."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=STATUSES, required=False, error_messages=NO_SUCH_FILTER
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        required=False,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", gettext_lazy("Choose a currency."))],
    )
    buyer = forms.UUIDField(label=gettext_lazy("Buyer"), required=False)
    financing = forms.ChoiceField(
        label=gettext_lazy("Financing"),
        choices=eligibility_labels.DECISION_FILTERS,
        required=False,
        error_messages=NO_SUCH_FILTER,
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Source"), choices=SOURCES, required=False, error_messages=NO_SUCH_FILTER
    )
    due_from = forms.DateField(label=gettext_lazy("Due from"), required=False)
    due_to = forms.DateField(label=gettext_lazy("Due until"), required=False)
    sort = forms.CharField(required=False, max_length=20)

    def clean_sort(self) -> str:
        sort = str(self.cleaned_data["sort"])
        return sort if sort.removeprefix("-") in SORTS else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("due_from"), cleaned.get("due_to")
        if start and end and start > end:
            self.add_error("due_to", _("This date is before the start date."))
        return cleaned

    def to_filters(self) -> InvoiceFilters:
        """The valid values as filters. A few queries where they name a buyer, else none."""
        self.is_valid()
        cleaned = self.cleaned_data
        buyer = cleaned.get("buyer")
        return InvoiceFilters(
            text=cleaned.get("q", ""),
            status=cleaned.get("status", ""),
            currency=cleaned.get("currency", ""),
            buyer=buyer,
            buyer_ids=customers.buyer_ids_of(public_id=buyer) if buyer else frozenset(),
            due_from=cleaned.get("due_from"),
            due_to=cleaned.get("due_to"),
            financing=cleaned.get("financing", ""),
            source=cleaned.get("source", ""),
            sort=cleaned.get("sort") or "-issued",
        )


class PeriodForm(forms.Form):
    """A period. An invalid date shows an error and is ignored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `from` is a Python keyword.
        self.fields["from"] = forms.DateField(label=_("From"), required=False)
        self.fields["to"] = forms.DateField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from") and cleaned.get("to") and cleaned["from"] > cleaned["to"]:
            self.add_error("to", _("This date is before the start date."))
        return cleaned

    def to_period(self) -> tuple[date | None, date | None]:
        """The start and the end date; None for an open end."""
        self.is_valid()
        return self.cleaned_data.get("from"), self.cleaned_data.get("to")


def filtered_invoices(supplier: Supplier, filters: InvoiceFilters, *, today: date) -> QuerySet[Invoice]:
    """The supplier's invoices that match, in order, with what the list shows of their eligibility and offers."""
    condition = eligibility_labels.decision_condition(filters.financing)
    found = selectors.invoice_list(supplier=supplier, filters=filters, today=today, extra=condition)
    return offer_outcomes.with_last_outcome(eligibility_labels.with_eligibility(found))


def query_string(filters: InvoiceFilters, **changes: str | int) -> str:
    """The query string for `filters`, with `changes` by parameter name. Leaves out default values."""
    defaults = InvoiceFilters()
    parameters = {
        "q": filters.text,
        "status": filters.status,
        "currency": filters.currency,
        "buyer": filters.buyer,
        "due_from": filters.due_from,
        "due_to": filters.due_to,
        "financing": filters.financing,
        "source": filters.source,
        "sort": "" if filters.sort == defaults.sort else filters.sort,
        **changes,
    }
    return urlencode({name: str(value) for name, value in parameters.items() if value})
