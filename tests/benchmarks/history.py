"""`make bench-history`: what history costs: bytes a version, and the time of pages and recalculations that keep some.

10,000 invoices are imported and then changed twenty times, as an invoice changes in life: it is paid in parts, and
sometimes its due date moves. Pages are applied by the import's own code, in this process.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from infactor.embedded_postgres import postgres
from tests.benchmarks import books, processor_time

AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
PAGE = 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.history", description=__doc__)
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=20)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-history-")))
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        _measure(invoices=asked.invoices, changes=asked.changes)


def _measure(*, invoices: int, changes: int) -> None:
    from django.core.management import call_command

    from infactor.financing.history import Kind, iterate_as_known
    from tests.support.factories.quickbooks import ConnectionFactory

    call_command("migrate", verbosity=0)
    connection = ConnectionFactory()
    values = [books.invoice(number) for number in range(1, invoices + 1)]
    raws = [books.written(value) for value in values]
    print(f"{invoices:,} invoices of {sum(map(len, raws)) / len(raws):,.0f} bytes, changed {changes} times")
    _timed("first import", lambda: _apply(connection, raws, at=AT))
    _size("latest documents, with the shipped dictionary", "quickbooks_app_document")
    call_command("train_dictionary", adopt=True, stdout=sys.stdout)
    _compare_storage(connection, raws[:PAGE])
    applying, recalculating = Spent(0, 0), Spent(0, 0)
    for change in range(1, changes + 1):
        at = AT + timedelta(days=change)
        raws = [books.written(_changed(value, change, of=changes)) for value in values]
        applying += _spent(lambda raws=raws, at=at: _apply(connection, raws, at=at))
        recalculating += _spent(lambda at=at: _recalculate(connection.supplier_id, at=at))
    print(f"  applying the changes, for each {invoices:,}: {applying / changes}")
    print(f"  recalculating, for each {invoices:,}: {recalculating / changes}")
    _timed("the last page again, nothing changed", lambda: _apply(connection, raws, at=at))
    for name, table in (
        ("superseded documents", "quickbooks_app_documentversion"),
        ("superseded states of invoices", "invoices_invoiceversion"),
        ("superseded assessments", "financing_assessmentversion"),
    ):
        _size(name, table)
    for ago in (changes - 1, changes // 2, 0):
        asked: dict[str, Any] = {"supplier": connection.supplier, "at": AT + timedelta(days=changes - ago, hours=1)}
        for kind, fields in (
            (Kind.INVOICE, ["balance", "payable_date", "buyer_id"]),
            (Kind.INVOICE, None),
            (Kind.ASSESSMENT, ["base"]),
            (Kind.ASSESSMENT, None),
        ):
            shown = ", ".join(fields or ["all its fields"])
            read = partial(iterate_as_known, kind=kind, fields=fields, **asked)
            _timed(f"every {kind.value} as known {ago} changes ago, {shown}", lambda read=read: deque(read(), maxlen=0))


def _compare_storage(connection: Any, raws: list[bytes]) -> None:
    """Print the processor time, of this process and of its PostgreSQL, to write documents in either form."""
    from django.db import transaction

    from infactor.core.bulk import copy_rows
    from quickbooks_app.documents import payloads
    from quickbooks_app.models import Document

    packer = payloads.packer()
    columns = ["connection_id", "entity", "qbk_id", "sync_token", "digest", "payload", "dictionary_id", "fetched_at"]
    for name, pack in (("as received", bytes), ("compressed", packer.pack)):
        spent = []
        for attempt in range(5):
            with transaction.atomic():
                started = processor_time.spent()
                copy_rows(
                    model=Document,
                    columns=columns,
                    rows=(
                        [connection.pk, f"{name} {attempt}", str(number), "0", payloads.digest_of(raw), pack(raw),
                         packer.dictionary_id, AT]
                        for number, raw in enumerate(raws)
                    ),
                )  # fmt: skip
                spent.append(processor_time.spent() - started)
                transaction.set_rollback(True)
        print(f"  processor time to write {len(raws):,} documents {name}: {sorted(spent)[2] * 1000:.0f} ms")


def _changed(value: dict[str, Any], change: int, *, of: int) -> dict[str, Any]:
    """The invoice after that many changes: paid by equal parts, and every seventh change a later due date."""
    saved = (AT + timedelta(days=change)).isoformat(timespec="seconds")
    due = datetime.fromisoformat(value["DueDate"]) + timedelta(days=change // 7)
    return {
        **value,
        "SyncToken": str(change),
        "MetaData": {**value["MetaData"], "LastUpdatedTime": saved},
        "DueDate": due.date().isoformat(),
        "Balance": round(value["TotalAmt"] * (of - change) / of, 2),
        "LinkedTxn": [{"TxnId": str(900_000 + number), "TxnType": "Payment"} for number in range(change)],
    }


def _apply(connection: Any, raws: list[bytes], *, at: datetime) -> None:
    from django.db import transaction

    from quickbooks_app.sync.apply_page import apply_page

    for page in _pages(raws):
        with transaction.atomic():
            apply_page(connection=connection, entity="Invoice", objects=page, at=at)


def _pages(raws: list[bytes]) -> Iterator[list[Any]]:
    from tests.support.payloads import fetched

    for start in range(0, len(raws), PAGE):
        yield fetched("Invoice", *raws[start : start + PAGE])


def _recalculate(supplier_id: int, *, at: datetime) -> None:
    from infactor.financing.eligibility import recalculation

    recalculation.recalculate(supplier_id=supplier_id, at=at)


def _size(name: str, table: str) -> None:
    """Print what a table takes with its indexes and TOAST, for each row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM FULL {table}")
        cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}'), pg_indexes_size('{table}') FROM {table}")
        rows, total, indexes = cursor.fetchone()
    each = f"{total / rows:,.0f} bytes each ({indexes / rows:,.0f} of them indexes)" if rows else "none"
    print(f"  {name}: {rows:,}, {total / 2**20:,.1f} MB, {each}")


class Spent(NamedTuple):
    """Wall time and processor time, in seconds."""

    wall: float
    processor: float

    def __add__(self, other: "Spent") -> "Spent":  # type: ignore[override]
        return Spent(self.wall + other.wall, self.processor + other.processor)

    def __truediv__(self, count: int) -> "Spent":
        return Spent(self.wall / count, self.processor / count)

    def __str__(self) -> str:
        return f"{self.wall:.2f} s, {self.processor:.2f} s of the processor, load {os.getloadavg()[0]:.0f}"


def _timed(name: str, work: Callable[[], object]) -> None:
    print(f"  {name}: {_spent(work)}")
    sys.stdout.flush()


def _spent(work: Callable[[], object]) -> Spent:
    processor, started = processor_time.spent(), time.perf_counter()
    work()
    return Spent(time.perf_counter() - started, processor_time.spent() - processor)


if __name__ == "__main__":
    main()
