"""Tables below the fields of an admin page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.translatable import Text

Fact = tuple[str, object]
Facts = Sequence[Fact]
NONE = gettext_lazy("None.")


@dataclass(frozen=True)
class Table:
    """Rows under a caption. A cell is text, or an amount from `amount_text`.

    Without columns it is a list of facts: each row is a label and a value. `empty` is shown when there are no rows.
    """

    caption: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[object]]
    empty: Text = NONE


@dataclass(frozen=True)
class CollapsibleTable(Table):
    """A table that is closed until somebody opens it."""

    is_collapsed: bool = field(default=True)


def structure_table(caption: str, value: Any) -> Table:
    """Nested data as a table: each value with the way to it, "lines, 2, amount"."""
    return Table(caption, (_("Part"), _("Value")), list(_parts(value, ())))


def _parts(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _parts(inner, (*way, str(name).replace("_", " ")))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _parts(inner, (*way, str(number)))
    else:
        yield ", ".join(way) or "1", "-" if value is None or value == "" else str(value)
