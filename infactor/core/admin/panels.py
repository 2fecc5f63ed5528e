"""What apps above add to staff's pages: panels of any row, such as its notes, and the background of a decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from infactor.core.admin.tables import Table


@dataclass(frozen=True)
class Panel:
    """A table below a row, and buttons at the top of its page, each a label with an address."""

    table: Table
    buttons: Sequence[tuple[str, str]] = ()


# Given the reader and the row, its panel or panels; None where the row has none, or the reader may not see it.
PanelOf = Callable[[Any, models.Model], "Panel | Sequence[Panel] | None"]
_registered: list[PanelOf] = []


def register(panel_of: PanelOf) -> None:
    """Ask `panel_of` about each row that staff open. Apps call it when they are ready; the order stays."""
    if panel_of not in _registered:
        _registered.append(panel_of)


# Given the reader and the row that is decided about, what stands against it and how it went before.
BackgroundOf = Callable[[Any, models.Model], Sequence[Table]]
_backgrounds: list[BackgroundOf] = []


def register_background(background_of: BackgroundOf) -> None:
    """Ask `background_of` about each row that staff decide about. Apps call it when they are ready."""
    if background_of not in _backgrounds:
        _backgrounds.append(background_of)


def background(*, row: models.Model, user: Any) -> list[Table]:
    """What `user` sees beside a decision about `row`, such as the history of its buyer and supplier."""
    return [table for background_of in _backgrounds for table in background_of(user, row)]


def panels(*, row: models.Model, user: Any) -> list[Panel]:
    """The panels that `user` sees on the page of `row`."""
    found: list[Panel] = []
    for panel_of in _registered:
        of_row = panel_of(user, row)
        if of_row is not None:
            found += [of_row] if isinstance(of_row, Panel) else of_row
    return found
