"""`make bench-ledger`: how many transactions are posted a second, spread evenly and onto one hot account.

Several processes post transactions of two entries at once, each with a connection of its own. Every phase checks
that none is lost and none is there twice. Then the ledger is filled, and its trial balance timed.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks import processor_time

AT, DAY = datetime(2026, 11, 20, 20, 0, tzinfo=UTC), date(2026, 11, 20)
OWNERS = 1000  # accounts of each purpose over which an even phase spreads
AMOUNT = Decimal("10.01")

# Rows that came by the services before: the triggers, which looked at each of them then, are off while they are copied.
FILL = """
SET session_replication_role = replica;
INSERT INTO ledger_transaction
    (reference, currency, value_date, posted_at, description, digest, total, entry_count)
SELECT 'filled:' || n, 'USD', date '2024-01-01' + n %% 1000, %(at)s, '', repeat('0', 64), 10.01, 2
FROM generate_series(1, %(transactions)s) AS n;
INSERT INTO ledger_entry (transaction_id, position, account_id, debit, credit)
SELECT t.id, side, accounts.ids[1 + (t.id * 2 + side) %% cardinality(accounts.ids)],
    CASE side WHEN 1 THEN 10.01 ELSE 0 END, CASE side WHEN 2 THEN 10.01 ELSE 0 END
FROM ledger_transaction t, generate_series(1, 2) AS side, (SELECT array_agg(id) AS ids FROM ledger_account) AS accounts
WHERE t.reference LIKE 'filled:%%';
SET session_replication_role = DEFAULT;
"""
# Months are closed by the triggers, which keep their sums.
CLOSE = """
INSERT INTO ledger_periodclosing (month, closed_by_id, closed_at, explanations, reopening_reason)
SELECT month, %(by)s, %(at)s, '[]', '' FROM generate_series(date '2024-01-01', %(last)s, interval '1 month') AS month
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ledger", description=__doc__)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--postings", type=int, default=2000, help="of each phase, together")
    parser.add_argument("--batch", type=int, default=100, help="transactions of one post_all")
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the trial balance")
    parser.add_argument("--database", help="URL of an empty one to use instead of a server made for this run")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-ledger-")))
        os.environ |= {
            "DATABASE_URL": asked.database or stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for name, batch in (("one by one", 1), (f"{asked.batch} together", asked.batch)):
            # By turns, since the machine's speed changes while this runs.
            rates = {"even": 0.0, "hot": 0.0}
            for number in range(2):
                for spread in rates:
                    phase = f"{spread}-{batch}-{number}"
                    rates[spread] += _post_at_once(phase, asked.postings // 2, batch=batch, processes=asked.processes)
            hot = rates["hot"] / rates["even"]
            print(f"  {name}: {rates['even'] / 2:,.0f} a second evenly, {rates['hot'] / 2:,.0f} hot, {hot:.2f} of it")
        _trial_balance(entries=asked.entries)


def _post_at_once(phase: str, postings: int, *, batch: int, processes: int) -> float:
    """Transactions a second, of several processes that begin together. Checks that none is lost and none twice."""
    from django.db import connections

    from infactor.ledger.models import Entry, Transaction

    share = postings // processes // batch * batch
    context = multiprocessing.get_context("fork")  # each has infactor loaded already
    connections.close_all()  # each opens its own
    start = context.Barrier(processes)
    results: Any = context.Queue()
    workers = [
        context.Process(target=_work, args=(phase, number, share, batch, start, results)) for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    spans = [results.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    written = Transaction.objects.filter(reference__startswith=f"{phase}:").count()
    entries = Entry.objects.filter(transaction__reference__startswith=f"{phase}:").count()
    if (written, entries) != (share * processes, 2 * share * processes):
        raise SystemExit(f"{phase}: {written} transactions and {entries} entries are in the ledger.")
    return written / (max(end for _, end in spans) - min(began for began, _ in spans))


def _work(phase: str, worker: int, postings: int, batch: int, start: Any, results: Any) -> None:
    from infactor.ledger import posting
    from infactor.ledger.models import Purpose, Transaction

    def lines(number: int) -> list[posting.Line]:
        owner = "" if phase.startswith("hot") else f"bank:{number % OWNERS}"
        receivable = posting.debit(Purpose.RECEIVABLE, AMOUNT, owner=f"advance:{number % OWNERS}")
        return [receivable, posting.credit(Purpose.CASH, AMOUNT, owner=owner)]

    def write(first: int) -> None:
        made = [
            posting.Posting(f"{phase}:{worker}:{number}", "USD", lines(number), DAY, "")
            for number in range(first, first + batch)
        ]
        if batch > 1:
            posting.post_all(postings=made, at=AT, by=None)
            return
        for one in made:
            posting.post(
                reference=one.reference,
                currency=one.currency,
                lines=one.lines,
                value_date=one.value_date,
                at=AT,
                description="",
                by=None,
            )

    first = 1_000_000 * worker
    Transaction.objects.exists()  # the connection is open before the time runs
    start.wait()
    began = time.monotonic()
    for number in range(first, first + postings, batch):
        write(number)
    results.put((began, time.monotonic()))


def _trial_balance(*, entries: int) -> None:
    from django.db import connection

    from infactor.ledger import balances, trial_balance
    from infactor.ledger.models import Entry

    with connection.cursor() as cursor:
        cursor.execute(FILL, {"transactions": max(entries - Entry.objects.count(), 0) // 2, "at": AT})
        cursor.execute("VACUUM ANALYZE ledger_entry, ledger_transaction, ledger_account")
    month = trial_balance.Period(date(2026, 9, 1), date(2026, 9, 30))
    quarter = trial_balance.Period(date(2026, 4, 1), date(2026, 6, 30))
    works: dict[str, Callable[[], object]] = {
        "of everything": balances.trial_balance,
        "of the last month, with what was before": lambda: trial_balance.lines(month),
        "of a quarter, with what was before": lambda: trial_balance.lines(quarter),
    }
    print(f"  trial balance over {Entry.objects.count():,} entries, medians of five")
    found: list[object] = []
    for closed in ("no month is closed", "every month before the last two is closed"):
        print(f"    {closed}:")
        if found:
            print(f"      closing them: {_milliseconds(_close_months, times=1):,.0f} ms")
        for what, work in works.items():
            before = processor_time.spent()
            took = _milliseconds(work)
            print(f"      {what}: {took:,.0f} ms, {200 * (processor_time.spent() - before):,.0f} ms of the processor")
        found.append([work() for work in works.values()])
    if found[0] != found[1]:
        raise SystemExit("The kept sums are not what the entries add up to.")


def _close_months() -> None:
    from django.db import connection

    from infactor.users.models import User

    by = User.objects.create(email="books@infactor.example", is_staff=True)
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, {"by": by.pk, "at": AT, "last": date(2026, 8, 1)})
        cursor.execute("ANALYZE ledger_monthsum")


def _milliseconds(work: Callable[[], object], *, times: int = 5) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return median(took)


if __name__ == "__main__":
    main()
