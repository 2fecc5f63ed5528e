"""Tables below the fields of an admin page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Fact = tuple[str, object]
Facts = Sequence[Fact]


@dataclass(frozen=True)
class Table:
    """Rows under a caption. A cell is text, or an amount from `amount_text`.

    Without columns it is a list of facts: each row is a label and a value. `empty` is shown when there are no rows.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    empty: str = "None."


@dataclass(frozen=True)
class CollapsibleTable(Table):
    """A table that is closed until somebody opens it."""

    is_collapsed: bool = field(default=True)
