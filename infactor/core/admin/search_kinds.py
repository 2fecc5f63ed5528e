"""The kinds of rows that the search of staff finds. Each app registers its own when it is ready."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q, QuerySet

from infactor.core.admin.search_words import SearchWords
from infactor.core.translatable import Text

SHOWN = 10
RANKED = 50  # near matches that are looked at to find the nearest


@dataclass(frozen=True)
class SearchKind:
    """One kind of row. `exact` and `near` are what matches, or None where the words cannot mean such a row.

    `columns` name what tells two rows apart, and `cells` gives it; the first column is the row itself. `distance` sorts
    near matches, the nearest first.
    """

    model: type[Model]
    columns: Sequence[Text]
    cells: Callable[[Any], Sequence[object]]
    exact: Callable[[SearchWords], Q | None]
    near: Callable[[SearchWords], Q | None]
    related: Sequence[str] = ()
    deferred: Sequence[str] = ()
    annotate: Callable[["QuerySet[Any]"], "QuerySet[Any]"] = field(default=lambda rows: rows)
    distance: Callable[[SearchWords, Any], int] = field(default=lambda words, row: 0)

    @property
    def permission(self) -> str:
        return f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"

    def rows(self) -> "QuerySet[Any]":
        rows = (
            self.model._default_manager.select_related(*self.related) if self.related else self.model._default_manager
        )
        return self.annotate(rows.all()).defer(*self.deferred)

    def find(self, words: SearchWords) -> tuple[list[Any], bool]:
        """The rows that match, the exact ones first, and whether there are more than SHOWN."""
        exact, near = self.exact(words), self.near(words)
        found: list[Any] = []
        if exact is not None:
            found = list(self.rows().filter(exact).order_by("-pk")[: SHOWN + 1])
        if near is not None and len(found) <= SHOWN:
            others = self.rows().filter(near).exclude(pk__in=[one.pk for one in found])
            candidates = list(others.order_by("-pk")[:RANKED])
            found += sorted(candidates, key=lambda row: self.distance(words, row))
        return found[:SHOWN], len(found) > SHOWN

    def matching(self, words: SearchWords) -> Q:
        """What the list of this kind shows for the words."""
        both = [one for one in (self.exact(words), self.near(words)) if one is not None]
        return both[0] | both[-1] if both else Q(pk__in=())


_registered: dict[type[Model], SearchKind] = {}


def register(*kinds: SearchKind) -> None:
    """Let these kinds be found. Apps call it when they are ready; the page shows them in this order."""
    _registered.update({kind.model: kind for kind in kinds})


def every_kind() -> Sequence[SearchKind]:
    return tuple(_registered.values())


def kind_of(model: type[Model]) -> SearchKind | None:
    return _registered.get(model)
