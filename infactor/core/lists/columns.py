"""The columns of a list of staff as those of a file: amounts are numbers, with their currency beside them.

Only what the list shows gets into the file, and never a column that is stored encrypted.
"""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from infactor.core.csv_files import Cell
from infactor.core.fields import EncryptedTextField, FingerprintField
from infactor.core.lists.cells import AmountText, DayText, FigureText, MomentText
from infactor.core.money import MoneyField

CURRENCY = "Currency"


@dataclass(frozen=True)
class Amount:
    """A value with its currency; "" where its row names none."""

    value: Decimal | None
    currency: str


class ListColumns:
    """The columns that `model_admin` shows to the person of `request`.

    The currency has one column, behind the first amount, unless the list shows it by itself. An amount in another
    currency than its row's says so in its own cell.
    """

    def __init__(self, model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
        self._admin = model_admin
        shown: list[Any] = list(model_admin.get_list_display(request))
        hidden = (EncryptedTextField, FingerprintField)
        self._names = [name for name in shown if not isinstance(self._field(name), hidden)]
        amounts = [place for place, name in enumerate(self._names) if self._is_amount(name)]
        self._currency_after = None if "currency" in self._names or not amounts else amounts[0]

    @property
    def titles(self) -> list[str]:
        found: list[str] = []
        for place, name in enumerate(self._names):
            label = label_for_field(name, self._admin.model, self._admin)
            title = capfirst(strip_tags(str(label)))
            found.append(title if title not in found else f"{title} ({found.count(title) + 1})")
            if place == self._currency_after:
                found.append(CURRENCY)
        return found

    @property
    def narrow(self) -> list[bool]:
        """Whether each column of the file holds amounts or currencies, which need little room."""
        found = []
        for place, name in enumerate(self._names):
            found.append(self._is_amount(name))
            if place == self._currency_after:
                found.append(True)
        return found

    def cells(self, row: models.Model) -> list[Cell]:
        """The values of `row`, one for each title."""
        values = [self._value(name, row) for name in self._names]
        stated = getattr(row, "currency", "") if "currency" in self._names else ""
        currency = stated or next((one.currency for one in values if isinstance(one, Amount) and one.currency), "")
        has_column = self._currency_after is not None or bool(stated)
        found: list[Cell] = []
        for place, value in enumerate(values):
            if not isinstance(value, Amount):
                found.append(value)
            elif has_column and value.currency in ("", currency):
                found.append(value.value)
            else:
                found.append("" if value.value is None else f"{value.value:f} {value.currency}".strip())
            if place == self._currency_after:
                found.append(currency)
        return found

    def _field(self, name: Any) -> models.Field | None:
        try:
            return self._admin.opts.get_field(name)  # type: ignore[return-value]
        except (FieldDoesNotExist, TypeError):
            return None

    def _is_amount(self, name: Any) -> bool:
        """Whether a column holds amounts: known without a row, so that each file of a list has the same columns."""
        field = self._field(name)
        if field is not None:
            return isinstance(field, MoneyField)
        shown_by = name if callable(name) else getattr(self._admin, str(name), None)
        if shown_by is None or not callable(shown_by):
            return False
        if isinstance(self._field(getattr(shown_by, "admin_order_field", None)), MoneyField):
            return True
        return AmountText.__name__ in str(getattr(shown_by, "__annotations__", {}).get("return"))

    def _value(self, name: Any, row: models.Model) -> Cell | Amount:
        try:
            field, _, value = lookup_field(name, row, self._admin)
        except ObjectDoesNotExist:
            return None
        if field is not None and getattr(field, "flatchoices", None):
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.ForeignKey):
            related = getattr(row, field.name)
            return None if related is None else str(related)
        if isinstance(field, MoneyField):
            return Amount(value, getattr(row, "currency", ""))
        return to_cell(value)


def to_cell(value: Any) -> Cell | Amount:
    """The value behind what a list shows."""
    match value:
        case AmountText():
            return Amount(value.amount, value.currency)
        case FigureText():
            return to_cell(value.figure)
        case DayText():
            return value.day
        case MomentText():
            return value.moment
        case bool():
            return "Yes" if value else "No"
        case None | int() | Decimal() | date():
            return value
        case SafeString():
            return " ".join(html.unescape(strip_tags(value.replace("<br>", " "))).split())
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def rows_of(
    columns: ListColumns, rows: models.QuerySet, *, at_once: int, read_for: Callable[[list[Any]], None] | None = None
) -> Iterator[Sequence[Cell]]:
    """The cells of each row, read `at_once` rows at a time: memory stays flat.

    `read_for` reads for all of these rows together what some columns need besides.
    """
    found = iter(rows.iterator(chunk_size=at_once))
    while batch := list(islice(found, at_once)):
        if read_for is not None:
            read_for(batch)
        for row in batch:
            yield columns.cells(row)
