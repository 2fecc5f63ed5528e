"""Long lists of invoices as CSV or XLSX and long statements as PDF, which a worker prepares."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict

from infactor.core import prepared_files
from infactor.core.prepared_files import KEPT_FOR, MAX_ATTEMPTS
from infactor.dashboard.invoices import csv_export
from infactor.dashboard.invoices.filters import InvoiceFilterForm, PeriodForm, filtered_invoices
from infactor.dashboard.models import PreparedExport
from infactor.financing.accounting.statement import statements
from infactor.financing.letters import statement_letter
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User

__all__ = ["KEPT_FOR", "MAX_ATTEMPTS", "delete_expired", "lines", "prepare", "request", "visible", "waiting_ids"]


def request(
    *,
    supplier: Supplier,
    by: User,
    query: str,
    at: datetime,
    kind: PreparedExport.Kind = PreparedExport.Kind.INVOICES,
) -> PreparedExport:
    """Ask for the file of a list. While an earlier one of the same person is waiting, that one is returned."""
    return prepared_files.request(PreparedExport, by=by, at=at, supplier=supplier, query=query, kind=kind)


def visible(*, supplier: Supplier, by: User, at: datetime) -> "QuerySet[PreparedExport]":
    """The files that `by` asked for while acting for `supplier`, until they expire."""
    return prepared_files.kept(PreparedExport, by=by, at=at).filter(supplier=supplier)


def waiting_ids() -> list[int]:
    """The files that still have to be prepared, the one asked for first in front."""
    return prepared_files.waiting_ids(PreparedExport)


def prepare(*, pk: int, now: Callable[[], datetime]) -> bool:
    """Write the file. False if there is nothing to do: it is written already, or another worker writes it."""
    return prepared_files.prepare(PreparedExport, pk=pk, write=_write, now=now)


def lines(export: PreparedExport) -> Iterator[bytes]:
    """The file, in parts."""
    return prepared_files.parts(export)


def delete_expired(*, at: datetime) -> int:
    """Delete the files that are older than a day. Returns how many."""
    return prepared_files.delete_expired(PreparedExport, at=at)


def _write(export: PreparedExport, at: datetime) -> tuple[bytes, int]:
    """The compressed file, and its number of lines without the header, or of movements."""
    if export.kind == PreparedExport.Kind.STATEMENT:
        return _statement(export, at)
    today = supplier_today(supplier=export.supplier, at=at)
    filters = InvoiceFilterForm(QueryDict(export.query)).to_filters()
    found = filtered_invoices(export.supplier, filters, today=today)
    counted = _Counted(found)
    if export.kind == PreparedExport.Kind.WORKBOOK:
        return prepared_files.compressed(csv_export.invoice_workbook(counted, today=today, at=at)), counted.count
    lines_of_file = csv_export.invoice_csv(counted, today=today)
    return prepared_files.compressed(line.encode() for line in lines_of_file), counted.count


class _Counted:
    """Invoices that are read a few hundred at a time, and how many were read."""

    def __init__(self, found: "QuerySet[Invoice]") -> None:
        self.count = 0
        self._found = found

    def iterator(self, *, chunk_size: int) -> Iterator[Invoice]:
        for invoice in self._found.iterator(chunk_size=chunk_size):
            self.count += 1
            yield invoice


def _statement(export: PreparedExport, at: datetime) -> tuple[bytes, int]:
    start, end = PeriodForm(QueryDict(export.query)).to_period()
    found = statements(supplier=export.supplier, start=start, end=end)
    file = statement_letter.drawn(supplier=export.supplier, found=found, start=start, end=end, at=at)
    return prepared_files.compressed([file]), sum(len(one.movements) for one in found)
