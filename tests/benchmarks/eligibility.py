"""`make bench-eligibility`: time and memory to assess every invoice of a large supplier, and what one change takes.

The books are generated and written straight into the tables. The recalculation is the real one, in this process.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from infactor.embedded_postgres import postgres
from tests.benchmarks import processor_time

AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BUYERS = 2000
CHANGES = 15


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.eligibility", description=__doc__)
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=90, help="how many in a hundred are open; the others are paid")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-eligibility-")))
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        # In its own process, so that its memory does not count.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as filler:
            supplier_id = filler.submit(_fill, invoices=asked.invoices, share=asked.open).result()
        _set_up()
        print(f"{asked.invoices:,} invoices of {BUYERS:,} buyers, {asked.open} % of them open")
        _recalculate("first time", supplier_id, at=AT)
        _recalculate("again, nothing changed", supplier_id, at=AT)
        _recalculate("on the next day", supplier_id, at=AT + timedelta(days=1))
        _recalculate_one_change(supplier_id, at=AT + timedelta(days=1))
        _reassess_one(supplier_id, at=AT + timedelta(days=1))


def _set_up() -> None:
    import django

    django.setup()


def _fill(*, invoices: int, share: int) -> int:
    _set_up()
    from django.core.management import call_command

    from infactor.core.bulk import copy_rows
    from infactor.invoices.models import Buyer, CompanyFile, Invoice
    from infactor.suppliers.models import Supplier
    from tests.support.factories.suppliers import approve_directly

    call_command("migrate", verbosity=0)
    supplier = approve_directly(Supplier.objects.create(name="Large"))
    file = CompanyFile.objects.create(supplier=supplier, source="QuickBooks", name="Books", as_of=AT)
    Buyer.objects.bulk_create(
        Buyer(supplier=supplier, company_file=file, reference=str(n), name=f"Buyer {n}", company_name=f"Buyer {n} Inc")
        for n in range(BUYERS)
    )
    buyers = list(Buyer.objects.order_by("pk").values_list("pk", "name"))
    rows = list(invoice_rows(buyers, supplier_id=supplier.pk, file_id=file.pk, count=invoices, share=share))
    copy_rows(model=Invoice, columns=list(rows[0]), rows=(list(row.values()) for row in rows))
    return int(supplier.pk)


def invoice_rows(
    buyers: list[tuple[int, str]], *, supplier_id: int, file_id: int, count: int, share: int
) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    for number in range(count):
        buyer, name = buyers[number % len(buyers)]
        issued = TODAY - timedelta(days=chance.randrange(75))
        amount = Decimal(chance.randrange(5_000, 1_000_000)) / 100
        is_open = chance.randrange(100) < share
        yield {
            "public_id": UUID(int=chance.getrandbits(128), version=4),
            "supplier_id": supplier_id,
            "company_file_id": file_id,
            "buyer_id": buyer,
            "invoice_no": f"INV-{number}",
            "invoice_amount": amount,
            "balance": amount if is_open else Decimal(0),
            "tax_amount": (amount / 12).quantize(Decimal("0.01")),
            "payable_date": issued + timedelta(days=chance.choice((15, 30, 45, 60, 75))),
            "txn_date": issued,
            "items": "[]",
            "tax_details": "{}",
            "linked_txn": "[]",
            "company_name": name,
            "buyer_email": "ap@buyer.example",
            "contact_name": "",
            "company_email": "",
            "state": "invoice_created",
            "qbk_invoice_id": str(number),
            "source": "QuickBooks",
            "currency": "USD",
            "sync_token": "0",
            "customer_reference": "",
            "sales_term": "",
            "private_note": "",
            "email_status": "",
            "books_status": "open" if is_open else "paid",
            "search_text": "",
            "created_at": AT,
            "updated_at": AT,
        }


def _recalculate(what: str, supplier_id: int, *, at: datetime) -> None:
    from infactor.financing.eligibility import recalculation

    before = processor_time.spent()
    done = recalculation.recalculate(supplier_id=supplier_id, at=at)
    spent = processor_time.spent() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  {what}: {done.seconds} s, {spent:.2f} s of the processor, {done.written:,} written, {peak} MB at most")
    sys.stdout.flush()


def _recalculate_one_change(supplier_id: int, *, at: datetime) -> None:
    """Measure the recalculation after a change of one invoice: another due date, another amount, in turns.

    The supplier gets a limit that is not short: by one that is, everything is recalculated.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from infactor.financing.eligibility import recalculation
    from infactor.financing.models import Limit
    from infactor.invoices.ingest import upserts
    from infactor.invoices.ingest.records import InvoiceRecord
    from infactor.invoices.models import Invoice
    from infactor.users.models import User

    staff = User.objects.create(email="staff@infactor.example", is_staff=True)
    Limit.objects.create(
        supplier_id=supplier_id, currency="USD", amount=10**12, reason="Large", set_by=staff, set_at=at
    )
    recalculation.recalculate(supplier_id=supplier_id, at=at)
    seconds, processor, evaluated, queries = [], [], set(), set()
    for turn in range(CHANGES):
        invoice = Invoice.objects.filter(books_status="open").order_by("pk")[turn * 7]
        values = {name: getattr(invoice, name) for name in InvoiceRecord._fields}
        values |= {"items": "[]", "tax_details": "{}", "linked_txn": "[]"}
        if turn % 2:
            values |= {"payable_date": TODAY + timedelta(days=20 + turn)}
        else:
            values |= {"invoice_amount": Decimal(500 + turn), "balance": Decimal(500 + turn)}
        upserts.upsert_invoices(company_file=invoice.company_file, records=[InvoiceRecord(**values)], at=at)
        before, started = processor_time.spent(), time.perf_counter()
        if turn % 5 == 4:  # counted apart, since counting takes time
            with CaptureQueriesContext(connection) as asked:
                done = recalculation.recalculate_changes(supplier_id=supplier_id, at=at)
            queries.add(len(asked))
        else:
            done = recalculation.recalculate_changes(supplier_id=supplier_id, at=at)
            seconds.append(time.perf_counter() - started)
            processor.append(processor_time.spent() - before)
        if done is None:
            raise SystemExit("A change of one invoice needed a full recalculation.")
        evaluated.add(done.evaluated)
    print(
        f"  one change, {len(seconds)} times: {median(seconds):.3f} s the median, {max(seconds):.3f} at most, "
        f"{sum(processor) / len(processor):.3f} s of the processor; {min(evaluated)} to {max(evaluated)} evaluated, "
        f"{max(queries)} queries"
    )
    sys.stdout.flush()


def _reassess_one(supplier_id: int, *, at: datetime) -> None:
    """Measure the assessment of one invoice, as an acceptance makes it: by the kept sums, and on a day without them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from infactor.financing.eligibility import reassessment
    from infactor.invoices.models import Invoice
    from infactor.suppliers.models import Supplier

    supplier, invoice = Supplier.objects.get(pk=supplier_id), Invoice.objects.latest("pk")
    for what, day, times in (("by kept sums", at, 10), ("by everything", at - timedelta(days=1), 1)):

        def work(at: datetime = day) -> None:
            reassessment.reassess(
                supplier=supplier, invoices=[invoice], at=at, ignore_own_request=True, count_accepted_only=True
            )

        with CaptureQueriesContext(connection) as asked:
            work()
        before, seconds = processor_time.spent(), []
        for _ in range(times):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
        processor = (processor_time.spent() - before) / times
        print(
            f"  one invoice assessed {what}: {median(seconds):.3f} s the median, {processor:.3f} s of the processor, "
            f"{len(asked)} queries"
        )


if __name__ == "__main__":
    main()
