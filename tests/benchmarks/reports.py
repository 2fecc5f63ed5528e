"""`make bench-reports`: every report as of a past moment over 100,000 purchased invoices: time and memory.

Three advances are made by the product's own services, and their rows are copied in PostgreSQL: one is settled, one
paid in part, one open.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks import purchased

SUPPLIERS, BUYERS = 10, 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reports", description=__doc__)
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--database", help="URL of one to use instead of a server made for this run")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-reports-")))
        os.environ |= {
            "DATABASE_URL": asked.database or stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        _measure(invoices=asked.invoices)


def _measure(*, invoices: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from infactor.financing.models import Advance
    from infactor.reports.catalogue import REPORTS
    from infactor.reports.moments import Moment, Span
    from tests.benchmarks import processor_time
    from tests.support.scenarios.financing import build_scenario

    call_command("migrate", verbosity=0)
    scenario = build_scenario(now=timezone.now())  # what is known of a row begins by the database's own clock
    scenario.terms()
    copy_invoices(scenario, count=invoices)
    print(f"{Advance.objects.count():,} purchased invoices of {SUPPLIERS} suppliers")
    at = scenario.now + timedelta(days=20)  # the purchases, payments and fees are within the usual span of each report
    for report in REPORTS.values():
        span = Span(moment=Moment(at), since=Moment(at - timedelta(days=report.usual_days)))
        before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        used = processor_time.spent()
        rows = 0
        for _ in report.rows(span):
            rows += 1
        spent, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cpu = processor_time.spent() - used
        memory = f"peak {after / 1024:,.0f} MB (+{(after - before) / 1024:,.0f})"
        print(f"  {report.title:32} {rows:>7,} rows {spent:6.2f} s, processor {cpu:5.2f} s, {memory}", flush=True)


def copy_invoices(scenario: Any, *, count: int) -> None:
    """`count` purchased invoices of SUPPLIERS: a third settled, a third paid in part, a third open."""
    from django.db import connection

    settled, partly_paid, _ = (
        scenario.funded(scenario.invoice(scenario.buyer(name), face="1000"))
        for name in ("Settled", "Partly paid", "Open")
    )
    scenario.later(days=5)
    scenario.pay(settled, "1000")
    scenario.settle(settled)
    scenario.pay(partly_paid, "400")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # copies keep their references as they are
        for statement in list(_copies(count)):
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def _copies(invoices: int) -> Iterator[str]:
    """The statements that make the copies, each in the order of what it refers to."""
    from infactor.financing.models import Advance
    from infactor.suppliers.models import Supplier

    supplier = Supplier.objects.get().pk
    yield from purchased.suppliers(supplier_id=supplier, count=SUPPLIERS)
    for place, advance in enumerate(Advance.objects.order_by("pk")):
        yield from purchased.advances(
            advance_id=advance.pk,
            invoice_id=advance.invoice_id,
            buyer_id=advance.buyer_id,
            base=10_000_000 * (place + 1),
            count=invoices // 3,
            buyers=BUYERS,
            owner=f"{supplier} + n % {SUPPLIERS}",
            due=f"date '{advance.funded_on}' + n % 90",
        )


if __name__ == "__main__":
    main()
