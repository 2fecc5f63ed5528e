"""Filters of the invoice list as chips, each with the number of invoices that it would show."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from infactor.core.translatable import Text
from infactor.dashboard import eligibility_labels
from infactor.dashboard.invoices.filters import STATUSES, query_string
from infactor.invoices import selectors
from infactor.invoices.selectors import InvoiceFilters

# Shown even where they would show nothing.
ALWAYS = ("", "open", "overdue")


class Chip(NamedTuple):
    """One filter: a link that sets it, or takes it off where it is set."""

    label: Text
    number: int
    url: str
    is_on: bool


def facets(filters: InvoiceFilters, *, today: date) -> dict[str, Q]:
    """The condition of each chip, with the other filters as they are."""
    of_financing = eligibility_labels.decision_condition(filters.financing)
    found = {
        f"status_{value}": selectors.condition_of(filters=replace(filters, status=value), today=today) & of_financing
        for value, _ in STATUSES
    }
    others = selectors.condition_of(filters=filters, today=today)
    for value, _ in eligibility_labels.DECISION_FILTERS:
        if value:
            found[f"financing_{value}"] = others & eligibility_labels.decision_condition(value)
    return found


def chips(filters: InvoiceFilters, *, counts: Mapping[str, int]) -> tuple[list[Chip], list[Chip]]:
    """The chips of the status, and those of financing. One that shows nothing is left out, unless it is set."""
    address = reverse("dashboard:invoices")

    def chip(name: str, value: str, label: Text, *, is_on: bool) -> Chip:
        query = query_string(filters, **{name: "" if is_on else value})
        return Chip(label, counts[f"{name}_{value}"], f"{address}?{query}" if query else f"{address}?all=1", is_on)

    statuses = [
        chip("status", value, label, is_on=value == filters.status)
        for value, label in STATUSES
        if value in ALWAYS or value == filters.status or counts[f"status_{value}"]
    ]
    decisions = [
        chip("financing", value, label, is_on=value == filters.financing)
        for value, label in eligibility_labels.DECISION_FILTERS
        if value
    ]
    return statuses, decisions
