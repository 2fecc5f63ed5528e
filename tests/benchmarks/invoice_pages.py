"""`make bench-pages`: a supplier of 5,000 invoices among 1,000,000: the list beside a plain Django view, pages, CSV.

The invoices of the other suppliers are copies that PostgreSQL makes. Django's test client asks for each page in this
process, by turns with the plain view, which runs with Django's own middleware. *Processor* is that of this process and
of its PostgreSQL, for one answer: it hardly depends on what else runs. `--plans` prints the plan of each query. At the
end the site of production gives out the list to several clients at once. exit_code.py says how the command ends.
"""

import argparse
import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from infactor.embedded_postgres import postgres
from tests.benchmarks.eligibility import AT, invoice_rows
from tests.benchmarks.exit_code import exit_code
from tests.benchmarks.page_rate import pages_a_second
from tests.support.processes.production_site import ProductionSite

LIMIT_MS, LIMIT_QUERIES, LEAST_RATE = 40, 6, 150  # of the invoice list; the rate is one on two cores
COPIES = """
    INSERT INTO invoices_invoice ({columns}, public_id, supplier_id, company_file_id, buyer_id, qbk_invoice_id)
    SELECT {columns}, gen_random_uuid(), file.other, file.of_other, NULL, qbk_invoice_id
    FROM invoices_invoice CROSS JOIN (
        SELECT supplier_id AS other, id AS of_other FROM invoices_companyfile WHERE supplier_id <> %(supplier)s
    ) AS file
    WHERE supplier_id = %(supplier)s
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.invoice_pages", description=__doc__)
    parser.add_argument("--invoices", type=int, default=5_000, help="of the supplier whose pages are asked for")
    parser.add_argument("--suppliers", type=int, default=200, help="each with as many invoices, this one included")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="for which pages are asked for at once")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-pages-")))
        database = stack.enter_context(postgres(data=folder / "postgres"))
        site = ProductionSite(folder, database=database)
        stack.callback(site.close)
        os.environ |= {
            **site.secrets,
            "DATABASE_URL": database,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        from django.conf import settings

        settings.DEBUG, settings.ACCOUNT_RATE_LIMITS = False, False  # nobody searches as often as this
        client, supplier = _fill(invoices=asked.invoices, suppliers=asked.suppliers)
        print(f"{asked.invoices:,} invoices of {asked.invoices * asked.suppliers:,}, {asked.times} requests a page")
        missed = _measure(client, supplier, times=asked.times, plans=asked.plans)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        rate = pages_a_second(site, "/invoices/", cookie=cookie, seconds=asked.seconds)
        load = os.getloadavg()[0]
        print(f"  invoice list: {rate:.0f} pages a second on {os.cpu_count()} cores, at a load of {load:.1f}")
        if rate < LEAST_RATE:
            missed.append(f"{rate:.0f} pages a second, under {LEAST_RATE}")
        return exit_code(missed)


def _fill(*, invoices: int, suppliers: int) -> tuple[Any, Any]:
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from infactor.core.bulk import copy_rows
    from infactor.financing.eligibility import recalculation
    from infactor.invoices.models import Invoice
    from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, MembershipFactory, approve_directly

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    member = MembershipFactory()
    supplier = approve_directly(member.supplier)
    file = CompanyFileFactory(supplier=supplier)
    buyers = [(buyer.pk, buyer.name) for buyer in BuyerFactory.create_batch(100, company_file=file)]
    made = invoice_rows(buyers, supplier_id=supplier.pk, file_id=file.pk, count=invoices, share=50)
    rows = [
        row | {"public_id": uuid4(), "search_text": f"{row['invoice_no']} {row['company_name']}".lower()}
        for row in made
    ]
    copy_rows(model=Invoice, columns=list(rows[0]), rows=(list(row.values()) for row in rows))
    recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    CompanyFileFactory.create_batch(suppliers - 1)
    own = {"id", "public_id", "supplier_id", "company_file_id", "buyer_id", "qbk_invoice_id"}
    columns = ", ".join(one.column for one in Invoice._meta.local_concrete_fields if one.column not in own)
    with connection.cursor() as cursor:
        cursor.execute(COPIES.format(columns=columns), {"supplier": supplier.pk})
        cursor.execute("VACUUM ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(member.user)
    return client, supplier


def _measure(client: Any, supplier: Any, *, times: int, plans: bool) -> list[str]:
    """Print each page, and return what of the invoice list is over a limit."""
    from django.urls import reverse

    from infactor.invoices.models import Invoice

    last = Invoice.objects.filter(supplier=supplier).latest("pk")
    address = reverse("dashboard:invoices")
    listed = [_page(client, "invoice list", address, times=times, plans=plans) for _ in range(2)]
    with plain():
        plainly = [_page(client, "plain view of the same rows", "/plain/", times=times, plans=plans)]
    listed.append(_page(client, "invoice list", address, times=times))
    with plain():
        plainly.append(_page(client, "plain view of the same rows", "/plain/", times=times))
    used = [min(one.processor for one in measured) for measured in (listed, plainly)]
    print(f"  the list takes {used[0] / used[1]:.2f} times the processor of the plain view")
    for name, url in (
        ("list: page 21", f"{address}?page=21"),
        ("list: last page", f"{address}?page=100000"),
        ("list: search by number", f"{address}?q=INV-4321"),
        ("list: search by a rare word", f"{address}?q=nowhere"),
        ("list: overdue, by open amount", f"{address}?status=overdue&sort=-open"),
        ("home", reverse("dashboard:home")),
        ("invoice", reverse("dashboard:invoice", args=[last.public_id])),
        ("financing", reverse("dashboard:financing")),
    ):
        _page(client, name, url, times=times, plans=plans)
    _file(client, supplier)
    worst, queries = min(one.p95 for one in listed), max(one.queries for one in listed)
    missed = [f"invoice list: p95 of {worst:.1f} ms, over {LIMIT_MS}"] if worst > LIMIT_MS else []
    return missed + ([f"invoice list: {queries} queries, over {LIMIT_QUERIES}"] if queries > LIMIT_QUERIES else [])


def _file(client: Any, supplier: Any) -> None:
    """Print what the whole list takes as CSV: streamed, or prepared as a worker does it where it is a long one."""
    from django.urls import reverse
    from django.utils import timezone

    from infactor.dashboard.invoices import prepared_export
    from infactor.suppliers.models import Membership

    started, before = time.perf_counter(), _peak()
    answer = client.get(reverse("dashboard:invoices_csv"))
    if answer.status_code == 302:
        by = Membership.objects.get(supplier=supplier).user
        asked = prepared_export.request(supplier=supplier, by=by, query="", at=timezone.now())
        prepared_export.prepare(pk=asked.pk, now=timezone.now)
        asked.refresh_from_db()
        what, size = "CSV, prepared", sum(map(len, prepared_export.lines(asked)))
    else:
        what, size = "CSV, streamed", sum(map(len, answer.streaming_content))
    print(f"  {what}: {time.perf_counter() - started:.2f} s, {size / 1e6:.1f} MB, {_peak() - before} MB of memory more")


@contextmanager
def plain() -> Iterator[None]:
    """The plain view in place of the product, with Django's middleware."""
    from django.test import override_settings

    from tests.benchmarks import plain_list

    with override_settings(ROOT_URLCONF="tests.benchmarks.plain_list", MIDDLEWARE=plain_list.MIDDLEWARE):
        yield


@dataclass
class Taken:
    """What one answer took: milliseconds, and queries."""

    p95: float
    processor: float
    queries: int


def _page(client: Any, name: str, address: str, *, times: int, plans: bool = False) -> Taken:
    """Print what a page takes, and return it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks import processor_time

    client.handler._middleware_chain = None  # the middleware may be another than before
    for _ in range(3):
        client.get(address)
    with CaptureQueriesContext(connection) as queries:
        status = client.get(address).status_code
        if status != 200:
            raise SystemExit(f"{name}: {address} was answered with {status}")
        statements = [one["sql"] for one in queries]
    before = processor_time.spent()
    took = sorted(_seconds(lambda: client.get(address)) for _ in range(times))
    used = (processor_time.spent() - before) / times * 1000
    worst = took[math.ceil(times * 0.95) - 1] * 1000
    print(
        f"  {name:32} p95 {worst:6.1f} ms, median {took[times // 2] * 1000:6.1f} ms, "
        f"processor {used:5.1f} ms, {len(statements):2} queries",
        flush=True,
    )
    for sql in statements if plans else ():
        _print_plan(sql)
    return Taken(worst, used, len(statements))


def _print_plan(sql: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if sql.startswith("SELECT"):
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) " + sql.replace("%", "%%"))
            print(f"    {sql[:60]}…")
            print("".join(f"      {line}\n" for (line,) in cursor.fetchall()))


def _seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
