"""`make bench-reports`: every report as of a past moment over 100,000 purchased invoices: time and memory.

Five advances are made by the product's own services, and their rows are copied in PostgreSQL: of twelve, four are
settled, four open, two paid in part, one disputed, and of one the payment was posted anew on another day. After the
moment of the reports a third of the invoices is paid in the books and renumbered, and a fifth of the customers renamed.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks import purchased

SUPPLIERS, BUYERS = 10, 200
SHARES = {"Settled": 4, "Open": 4, "Partly paid": 2, "Disputed": 1, "Corrected": 1}  # of twelve
CHANGED_SINCE = (
    "UPDATE invoices_invoice SET invoice_no = invoice_no || 'R', balance = 0, updated_at = %(after)s WHERE id % 3 = 0",
    "UPDATE invoices_buyer SET name = name || ' Ltd', updated_at = %(after)s WHERE id % 5 = 0",
    "UPDATE suppliers_supplier SET name = name || ' Ltd', updated_at = %(after)s",
)


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
    from infactor.reports import figures
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
    change_since(at)
    for report in (*REPORTS.values(), figures.REPORT):
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


def change_since(at: datetime) -> None:
    """Let the books change after `at`, so that what was known then is in superseded states."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in CHANGED_SINCE:
            cursor.execute(statement.replace(" % ", " %% "), {"after": at + timedelta(days=1)})
        cursor.execute("VACUUM ANALYZE")


def copy_invoices(scenario: Any, *, count: int) -> None:
    """`count` purchased invoices of SUPPLIERS, in SHARES."""
    from django.db import connection

    from infactor.financing.advances import cases
    from infactor.financing.corrections import payment_corrections

    settled, _open, partly_paid, disputed, corrected = (
        scenario.funded(scenario.invoice(scenario.buyer(name), face="1000")) for name in SHARES
    )
    scenario.later(days=5)
    why: Any = {"by": scenario.operations, "at": scenario.now, "reason": "Wrong"}
    scenario.pay(settled, "1000")
    scenario.settle(settled)
    scenario.pay(partly_paid, "400")
    cases.open_dispute(advance=disputed, **why)
    paid = scenario.pay(corrected, "300")
    payment_corrections.change_value_date(collection=paid, value_date=paid.value_date - timedelta(days=1), **why)
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
    for place, (advance, share) in enumerate(zip(Advance.objects.order_by("pk"), SHARES.values(), strict=True)):
        yield from purchased.advances(
            advance_id=advance.pk,
            invoice_id=advance.invoice_id,
            buyer_id=advance.buyer_id,
            base=10_000_000 * (place + 1),
            count=invoices * share // 12,
            buyers=BUYERS,
            owner=f"{supplier} + n % {SUPPLIERS}",
            due=f"date '{advance.funded_on}' + n % 90",
        )


if __name__ == "__main__":
    main()
