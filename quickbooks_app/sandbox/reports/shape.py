"""The form that all of QuickBooks' reports have: Header, Columns and Rows, every value a string."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from quickbooks_app.sandbox.runtime.documents import CENT, Document


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its ColKey, title and type, and what else is told of it."""

    key: str
    title: str
    type: str
    details: tuple[tuple[str, str], ...] = ()

    def as_document(self) -> Document:
        told = [*self.details, ("ColKey", self.key)]
        return {
            "ColTitle": self.title,
            "ColType": self.type,
            "MetaData": [{"Name": name, "Value": value} for name, value in told],
        }


def money(amount: Decimal) -> str:
    """Format an amount: two decimals, no thousands separator."""
    return str(amount.quantize(CENT))


def cell(value: str, id: str = "") -> Document:
    """Return a cell; `id` is that of the object it names."""
    return {"value": value, "id": id} if id else {"value": value}


def data_row(cells: Sequence[Document]) -> Document:
    return {"ColData": list(cells), "type": "Data"}


def section(label: str, *, rows: Sequence[Document], totals: Sequence[str], id: str = "") -> list[Document]:
    """Return a section with its "Total for" line. `totals` has a value for each column, "" where there is none.

    `id` is that of the object which the section is about. Without any total the line is a section of its own, as
    recorded.
    """
    blank = [cell("") for _ in totals[1:]]
    head: Document = {"Header": {"ColData": [cell(label, id), *blank]}, "Rows": {"Row": list(rows)}}
    closing = f"Total for {label}"
    if not any(totals[1:]):
        return [{**head, "type": "Section"}, {"Header": {"ColData": [cell(closing), *blank]}, "type": "Section"}]
    summary = {"ColData": [cell(closing), *(cell(value) for value in totals[1:])]}
    return [{**head, "Summary": summary, "type": "Section"}]


def grand_total(totals: Sequence[str]) -> Document:
    cells = [cell("TOTAL"), *(cell(value) for value in totals[1:])]
    return {"Summary": {"ColData": cells}, "type": "Section", "group": "GrandTotal"}


def report(header: Document, *, options: Document, columns: Iterable[Column], rows: Sequence[Document]) -> Document:
    """Return a report. Without rows it says that it has no data."""
    listed = [*options.items(), ("NoReportData", "false" if rows else "true")]
    option = [{"Name": name, "Value": value} for name, value in listed]
    return {
        "Header": {**header, "Option": option},
        "Columns": {"Column": [column.as_document() for column in columns]},
        "Rows": {"Row": list(rows)} if rows else {},
    }
