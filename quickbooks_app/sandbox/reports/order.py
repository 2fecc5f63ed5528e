"""The order of a report's rows: `sort_by` one of its columns, and `sort_order`."""

from collections.abc import Callable
from decimal import Decimal

from quickbooks_app.sandbox.reports.parameters import Parameters
from quickbooks_app.sandbox.reports.shape import money
from quickbooks_app.sandbox.runtime.documents import Document

_NUMBERS = ("Money", "Quantity", "Number", "Percentage")
# A column that adds up another one, row by row.
_RUNNING = {"rbal_nat_amount": "subt_nat_amount", "rbal_open_bal": "subt_open_bal"}

_Value = tuple[Decimal, str]


def in_order(report: Document, *, parameters: Parameters, takes: frozenset[str]) -> Document:
    """Return the report with its rows in the order that is asked for, if the report takes these parameters.

    A report of details sorts the rows of each section; without `sort_by`, `sort_order` turns them round. A report of
    sums sorts by its last column. Totals and sections with a group of their own stay where they are. Raises
    BusinessFault 2170 for an order that does not exist.
    """
    if "sort_order" not in takes:
        return report
    columns = report["Columns"]["Column"]
    keys = [_key(column) for column in columns]
    order = parameters.choice("sort_order", among=("ascend", "descend"))
    asked = parameters.text("sort_by") if "sort_by" in takes else keys[-1] if parameters.text("sort_order") else ""
    if not report["Rows"] or (asked not in keys and not parameters.text("sort_order")):
        return report
    sections_too = "sort_by" not in takes
    position = keys.index(asked) if asked in keys else None
    is_number = position is not None and columns[position]["ColType"] in _NUMBERS

    def value(row: Document) -> _Value:
        cells = (row.get("Summary") or row)["ColData"]
        text = str(cells[position]["value"]) if position is not None and position < len(cells) else ""
        return (Decimal(text or 0), "") if is_number else (Decimal(0), text.casefold())

    def arrange(rows: list[Document]) -> list[Document]:
        arranged = [_with_rows(row, arrange) for row in rows]
        places = [place for place, row in enumerate(arranged) if _moves(row, sections_too=sections_too)]
        moving = [arranged[place] for place in places]
        found = moving[::-1] if position is None else sorted(moving, key=value, reverse=order == "descend")
        for place, row in zip(places, found, strict=True):
            arranged[place] = row
        return _balanced(arranged, before=moving, after=found, keys=keys)

    return {**report, "Rows": {"Row": arrange(report["Rows"]["Row"])}}


def _moves(row: Document, *, sections_too: bool) -> bool:
    if "group" in row:
        return False
    if "ColData" in row:
        return bool(row["ColData"][0]["value"] != "Beginning Balance")
    return sections_too and "Summary" in row


def _with_rows(row: Document, arrange: Callable[[list[Document]], list[Document]]) -> Document:
    inner = row.get("Rows", {}).get("Row")
    return {**row, "Rows": {"Row": arrange(inner)}} if inner else row


def _balanced(
    rows: list[Document], *, before: list[Document], after: list[Document], keys: list[str]
) -> list[Document]:
    """Add the running columns up again, from what they began with."""
    for running, added in _RUNNING.items():
        if before == after or running not in keys or added not in keys:
            continue
        one, other = keys.index(running), keys.index(added)
        balance = _amount(before[0], one) - _amount(before[0], other)
        for row in after:
            balance += _amount(row, other)
            row["ColData"] = [
                {"value": money(balance)} if place == one else cell for place, cell in enumerate(row["ColData"])
            ]
    return rows


def _amount(row: Document, position: int) -> Decimal:
    return Decimal(row["ColData"][position]["value"] or 0)


def _key(column: Document) -> str:
    return next(str(one["Value"]) for one in column["MetaData"] if one["Name"] == "ColKey")
