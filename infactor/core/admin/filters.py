"""Filters of admin lists in plain words."""

import re
from abc import abstractmethod
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class YesNoFilter(admin.SimpleListFilter):
    """A filter by one condition: the rows that meet it, and the others."""

    yes = no = ""  # the labels of the two choices

    @abstractmethod
    def condition(self) -> Q:
        """What the rows of `yes` meet."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", self.yes), ("no", self.no)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(self.condition())
        return queryset.exclude(self.condition()) if self.value() == "no" else queryset


def filled_in_filter(title: str, *, no: str, yes: str) -> type[admin.EmptyFieldListFilter]:
    """A filter by whether a field is filled in, with its own words for Django's "Empty" and "Not empty"."""

    class FilledInFilter(admin.EmptyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

        def choices(self, changelist: Any) -> Any:
            for choice, label in zip(super().choices(changelist), ("All", no, yes), strict=True):
                yield {**choice, "display": f"{label}{_facet_count(choice)}"}

    return FilledInFilter


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """A filter by each value of a text field, with a word for the empty one: a link without text cannot be read."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            is_blank = str(choice["display"]).strip() in ("", "-")
            yield {**choice, "display": "None"} if is_blank else choice


def _facet_count(choice: Any) -> str:
    """The count that Django adds to the label when facets are shown."""
    return "".join(re.findall(r" \(\d+\)$", str(choice["display"])))
