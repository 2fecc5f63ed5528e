"""`make bench-reports`: every report as of a past moment over 100,000 purchased invoices: time and memory.

One advance is made by the product's own services, and its rows are copied in PostgreSQL. A third is paid.
"""

import argparse
import os
import resource
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from infactor.embedded_postgres import postgres

SUPPLIERS, BUYERS = 10, 200

# A copy of each row that `where` finds, for each n, with the columns in `changed` replaced.
COPY = """
    INSERT INTO {table}
    SELECT (jsonb_populate_record(one, jsonb_build_object({changed}))).*
    FROM {table} AS one CROSS JOIN generate_series(1, {count}) AS n WHERE {where}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reports", description=__doc__)
    parser.add_argument("--invoices", type=int, default=100_000)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-reports-")))
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        _measure(invoices=asked.invoices)


def _measure(*, invoices: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from infactor.financing.models import Advance
    from infactor.reports.catalogue import REPORTS
    from infactor.reports.moments import Moment, Span
    from tests.support.scenarios.financing import build_scenario

    call_command("migrate", verbosity=0)
    scenario = build_scenario()
    scenario.terms()
    paid = scenario.funded(scenario.invoice(scenario.buyer("Paid"), face="1000"))
    scenario.funded(scenario.invoice(scenario.buyer("Open"), face="1000"))
    scenario.pay(paid, "400")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # copies keep their references as they are
        for statement in _copies(invoices):
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    print(f"{Advance.objects.count():,} purchased invoices of {SUPPLIERS} suppliers")
    at = scenario.now + timedelta(days=60)
    for report in REPORTS.values():
        span = Span(moment=Moment(at), since=Moment(at - timedelta(days=report.usual_days)))
        before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        rows = 0
        for _ in report.rows(span):
            rows += 1
        spent, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = (after - before) / 1024
        print(f"  {report.title:32} {rows:>7,} rows {spent:6.2f} s, peak {after / 1024:,.0f} MB (+{grown:,.0f})")


def _copies(invoices: int) -> deque[str]:
    """The statements that make the copies, each in the order of what it refers to."""
    from infactor.financing.models import Advance
    from infactor.suppliers.models import Supplier

    supplier, found = Supplier.objects.get().pk, deque[str]()

    def copy(table: str, count: int, where: str, **changed: str) -> None:
        pairs = ", ".join(f"'{name}', {value}" for name, value in changed.items())
        found.append(COPY.format(table=table, count=count, where=where, changed=pairs))

    public = "gen_random_uuid()"
    copy(
        "suppliers_supplier",
        SUPPLIERS - 1,
        f"one.id = {supplier}",
        id=f"{supplier} + n",
        public_id=public,
        name="'Supplier ' || n",
    )
    known = "'2026-01-01'"
    owner = f"{supplier} + n % {SUPPLIERS}"
    for place, advance in enumerate(Advance.objects.select_related("invoice").order_by("pk")):
        share = invoices // 3 if place == 0 else invoices - invoices // 3
        base = 10_000_000 * (place + 1)
        new = f"{base} + n"
        copy("invoices_buyer", BUYERS, f"one.id = {advance.buyer_id}", id=new, public_id=public,
             reference=f"'{base}-' || n", name="'Buyer ' || n", supplier_id=owner, created_at=known)  # fmt: skip
        copy("invoices_invoice", share, f"one.id = {advance.invoice_id}", id=new, public_id=public,
             invoice_no="'INV-' || n", qbk_invoice_id=f"'{base}-' || n", supplier_id=owner, created_at=known,
             payable_date=f"date '{advance.funded_on}' + n % 90")  # fmt: skip
        copy("financing_advance", share, f"one.id = {advance.pk}", id=new, public_id=public, invoice_id=new,
             offer_line_id=new, supplier_id=owner, buyer_id=f"{base} + 1 + n % {BUYERS}")  # fmt: skip
        copy("financing_eligibility", share, f"one.invoice_id = {advance.invoice_id}", invoice_id=new,
             supplier_id=owner, assessed_since=known, known_from=known)  # fmt: skip
        copy("ledger_account", share, f"one.owner = 'advance:{advance.pk}'",
             id=f"one.id * 1000000000 + {base} + n", owner=f"'advance:' || {new}", supplier_id=owner)  # fmt: skip
        entries = f"account_id IN (SELECT id FROM ledger_account WHERE owner = 'advance:{advance.pk}')"
        copy("ledger_transaction", share, f"one.id IN (SELECT transaction_id FROM ledger_entry WHERE {entries})",
             id=f"one.id * 1000000000 + {base} + n", supplier_id=owner,
             reference=f"regexp_replace(one.reference, ':[0-9]+:', ':' || ({new}) || ':')")  # fmt: skip
        copy("ledger_entry", share, f"one.{entries}", id=f"one.id * 1000000000 + {base} + n",
             account_id=f"one.account_id * 1000000000 + {base} + n",
             transaction_id=f"one.transaction_id * 1000000000 + {base} + n")  # fmt: skip
    return found


if __name__ == "__main__":
    main()
