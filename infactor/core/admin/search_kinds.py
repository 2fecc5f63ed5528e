"""The kinds of rows that the search of staff finds. Each app registers its own when it is ready."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Model, Q, QuerySet, When

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
        """The rows that match, the exact ones first, and whether there are more than SHOWN. One query.

        Each of the two is looked for by itself, so that it can use the indexes made for it.
        """
        exact, near = self.exact(words), self.near(words)
        limits = {"exact": (exact, SHOWN + 1), "near": (near, SHOWN + 1 + RANKED)}
        keys = [
            self.annotate(self.model._default_manager.order_by("-pk")).filter(matches).values("pk")[:most]
            for matches, most in limits.values()
            if matches is not None
        ]
        if not keys:
            return [], False
        is_exact = Q(pk__in=()) if exact is None else exact
        rows = self.rows().annotate(is_exact=Case(When(is_exact, then=True), default=False))
        either = keys[0].union(*keys[1:], all=True) if len(keys) > 1 else keys[0]
        found = list(rows.filter(pk__in=either).order_by("-is_exact", "-pk"))
        nearest = sorted(found, key=lambda row: (not row.is_exact, 0 if row.is_exact else self.distance(words, row)))
        return nearest[:SHOWN], len(nearest) > SHOWN

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
