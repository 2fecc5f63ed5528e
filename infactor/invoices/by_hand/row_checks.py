"""Evaluates each row of an uploaded table: ready, to be looked at, there already, or wrong, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from infactor.invoices.by_hand import buyers, entry, matches, values
from infactor.invoices.by_hand.columns import title_of
from infactor.invoices.by_hand.entry import Entry
from infactor.invoices.by_hand.values import Style, Unreadable
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.invoice_numbers import normalized_number
from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier

AT_ONCE = 500


class Decision(StrEnum):
    """What becomes of a row."""

    READY = "ready"
    DOUBTFUL = "doubtful"  # perhaps there already: imported only if the supplier says so
    KNOWN = "known"
    WRONG = "wrong"


@dataclass(frozen=True)
class Checked:
    """A row with its decision. `problems` are (column, what is wrong); the column is empty for the row as a whole."""

    number: int
    cells: Mapping[str, str]
    decision: Decision
    problems: Sequence[tuple[str, str]] = ()
    entry: Entry | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "cells": dict(self.cells),
            "decision": str(self.decision),
            "problems": [list(one) for one in self.problems],
        }


def check(
    *, supplier: Supplier, rows: Iterable[tuple[int, Mapping[str, str]]], style: Style, currency: str
) -> Iterator[Checked]:
    """The rows, evaluated one batch after the other. `currency` is for rows that say none."""
    known_buyers = buyers.by_name(supplier=supplier)
    seen: dict[tuple[object, ...], int] = {}
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        read = [_read(number, cells, style=style, currency=currency, buyers=known_buyers) for number, cells in batch]
        complete = [one for one in read if one.entry is not None and one.decision is Decision.READY]
        found = matches.find(supplier=supplier, entries=[one.entry for one in complete if one.entry])
        match_of = {one.number: match for one, match in zip(complete, found, strict=True)}
        for one in read:
            yield _evaluate(one, match_of.get(one.number), seen)


def _evaluate(row: Checked, match: matches.Match | None, seen: dict[tuple[object, ...], int]) -> Checked:
    """A row that can be read, beside what is there already and what stands above it in the same table."""
    if row.entry is None or row.decision is not Decision.READY:
        return row
    one = row.entry
    name = (normalized_number(one.number), normalized_name(one.buyer_name))
    above, same_above = seen.get(name), seen.get((*name, one.amount, one.issued, one.currency))
    seen.setdefault(name, row.number)
    seen.setdefault((*name, one.amount, one.issued, one.currency), row.number)
    title = title_of("number")
    if same_above is not None:
        return _with(
            row, Decision.KNOWN, (title, _("The same invoice is in row %(same_above)s.") % {"same_above": same_above})
        )
    if match is not None and match.is_same:
        return _with(
            row, Decision.KNOWN, (title, _("You already have this invoice (%(source)s).") % {"source": match.source})
        )
    if match is not None:
        return _with(
            row,
            Decision.DOUBTFUL,
            (title, _("You have an invoice %(number)s of this buyer already.") % {"number": match.number}),
        )
    if above is not None:
        return _with(
            row, Decision.DOUBTFUL, (title, _("Row %(above)s has the same number and buyer.") % {"above": above})
        )
    return row


def _with(row: Checked, decision: Decision, problem: tuple[str, str]) -> Checked:
    return Checked(row.number, row.cells, decision, (problem,), row.entry)


def _read(
    number: int, cells: Mapping[str, str], *, style: Style, currency: str, buyers: Mapping[str, Buyer]
) -> Checked:
    """The row as an entry, or everything that is wrong with it."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}

    def read(name: str, how: Any) -> None:
        if text := cells.get(name, ""):
            try:
                found[name] = how(text)
            except Unreadable as error:
                problems[name] = str(error)

    read("number", lambda text: values.text_of(text, at_most=entry.MAX_NUMBER))
    read("buyer_name", lambda text: values.text_of(text, at_most=entry.MAX_NAME))
    read("buyer_email", values.email_of)
    read("issued", lambda text: values.day_of(text, style=style))
    read("due", lambda text: values.day_of(text, style=style))
    read("currency", values.currency_of)
    found.setdefault("currency", currency)
    read("amount", lambda text: values.amount_of(text, style=style, currency=found["currency"]))
    read("tax", lambda text: values.amount_of(text, style=style, currency=found["currency"]))
    read("purchase_order", lambda text: values.text_of(text, at_most=entry.MAX_ORDER))
    read("description", lambda text: values.text_of(text, at_most=entry.MAX_DESCRIPTION))
    if "buyer_name" in found and "buyer_email" not in found and "buyer_email" not in problems:
        known = buyers.get(normalized_name(found["buyer_name"]))
        found["buyer_email"] = known.email if known else ""
    one = Entry(**{"tax": Decimal("0.00"), **found})
    for name, text in entry.problems(one).items():
        problems.setdefault(name, text)
    if problems:
        return Checked(number, cells, Decision.WRONG, [(title_of(name), text) for name, text in problems.items()])
    return Checked(number, cells, Decision.READY, (), one)
