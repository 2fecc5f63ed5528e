"""Prepares long lists of invoices as CSV in a worker, keeps each for a day, then deletes it.

A row is the work; the broker only notifies. A worker holds the row's lock while it writes the file, so two never write
the same one, and one that dies gives it back.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog
import zstandard
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import QueryDict

from infactor.dashboard.invoices import csv_export
from infactor.dashboard.invoices.filters import InvoiceFilterForm, filtered_invoices
from infactor.dashboard.models import PreparedExport
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier
from infactor.users.models import User

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=1)
MAX_ATTEMPTS = 3
READ_SIZE = 64 * 1024


def request(*, supplier: Supplier, by: User, query: str, at: datetime) -> PreparedExport:
    """Ask for the file of a list. While an earlier one of the same person is waiting, that one is returned."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        waiting = PreparedExport.objects.filter(user=by, state=PreparedExport.State.WAITING).first()
        if waiting is not None:
            return waiting
        return PreparedExport.objects.create(supplier=supplier, user=by, query=query, asked_at=at)


def visible(*, supplier: Supplier, by: User, at: datetime) -> QuerySet[PreparedExport]:
    """The files that `by` asked for while acting for `supplier`, until they expire."""
    return PreparedExport.objects.filter(supplier=supplier, user=by, asked_at__gt=at - KEPT_FOR).defer("content")


def waiting_ids() -> list[int]:
    """The files that still have to be prepared, the one asked for first in front."""
    rows = PreparedExport.objects.filter(state=PreparedExport.State.WAITING).order_by("asked_at", "pk")
    return list(rows.values_list("pk", flat=True))


def prepare(*, pk: int, now: Callable[[], datetime]) -> bool:
    """Write the file. False if there is nothing to do: it is written already, or another worker writes it.

    An attempt is counted before it begins. After MAX_ATTEMPTS that killed their worker the file has failed.
    """
    row = PreparedExport.objects.filter(pk=pk, state=PreparedExport.State.WAITING)
    with transaction.atomic():
        export = row.select_for_update(skip_locked=True, of=("self",)).first()
        if export is None:
            return False
        if export.attempts >= MAX_ATTEMPTS:
            row.update(state=PreparedExport.State.FAILED, finished_at=now())
            log.error("export_failed", export=pk, attempts=export.attempts)
            return False
        row.update(attempts=F("attempts") + 1)
    with transaction.atomic():
        export = row.select_for_update(skip_locked=True, of=("self",)).select_related("supplier").first()
        if export is None:
            return False
        content, rows = _write(export, at=now())
        row.update(state=PreparedExport.State.READY, content=content, rows=rows, finished_at=now())
    return True


def lines(export: PreparedExport) -> Iterator[bytes]:
    """The file, in parts."""
    reader = zstandard.ZstdDecompressor().stream_reader(bytes(export.content or b""))
    while part := reader.read(READ_SIZE):
        yield part


def delete_expired(*, at: datetime) -> int:
    """Delete the files that are older than a day. Returns how many."""
    deleted, _ = PreparedExport.objects.filter(asked_at__lte=at - KEPT_FOR).delete()
    return deleted


def _write(export: PreparedExport, *, at: datetime) -> tuple[bytes, int]:
    """The compressed file, and its number of lines without the header."""
    today = supplier_today(supplier=export.supplier, at=at)
    filters = InvoiceFilterForm(QueryDict(export.query)).to_filters()
    found = filtered_invoices(export.supplier, filters, today=today)
    compressor = zstandard.ZstdCompressor().compressobj()
    parts, count = [], -1
    for line in csv_export.invoice_csv(found, today=today):
        parts.append(compressor.compress(line.encode()))
        count += 1
    parts.append(compressor.flush())
    return b"".join(parts), count
