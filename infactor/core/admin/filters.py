"""Filters of admin lists in plain words."""

import re
from abc import abstractmethod
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.search_kinds import kind_of
from infactor.core.admin.search_words import SearchWords
from infactor.core.translatable import Text

FOUND = "found"


class FoundFilter(admin.SimpleListFilter):
    """What the search of staff found of this kind: its "All … that match" leads here."""

    title = gettext_lazy("search")
    parameter_name = FOUND

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        typed = str(self.value() or "")
        return [(typed, f"“{SearchWords.of(typed).text}”")] if typed else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind = kind_of(queryset.model)
        return queryset.filter(kind.matching(SearchWords.of(str(self.value() or "")))) if kind else queryset


class YesNoFilter(admin.SimpleListFilter):
    """A filter by one condition: the rows that meet it, and the others."""

    yes: Text = ""  # the label of either choice
    no: Text = ""

    @abstractmethod
    def condition(self) -> Q:
        """What the rows of `yes` meet."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Text]]:
        return [("yes", self.yes), ("no", self.no)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(self.condition())
        return queryset.exclude(self.condition()) if self.value() == "no" else queryset


def filled_in_filter(title: str, *, no: Text, yes: Text) -> type[admin.EmptyFieldListFilter]:
    """A filter by whether a field is filled in, with its own words for Django's "Empty" and "Not empty"."""

    class FilledInFilter(admin.EmptyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

        def choices(self, changelist: Any) -> Any:
            for choice, label in zip(super().choices(changelist), (_("All"), no, yes), strict=True):
                yield {**choice, "display": f"{label}{_facet_count(choice)}"}

    return FilledInFilter


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """A filter by each value of a text field, with a word for the empty one: a link without text cannot be read."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            is_blank = str(choice["display"]).strip() in ("", "-")
            yield {**choice, "display": _("None")} if is_blank else choice


def _facet_count(choice: Any) -> str:
    """The count that Django adds to the label when facets are shown."""
    return "".join(re.findall(r" \(\d+\)$", str(choice["display"])))
