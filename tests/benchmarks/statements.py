"""`make bench-statements`: a statement of 5,000 lines imported, proposed for and accepted: time, memory, queries.

Four lines of five name an invoice and have exactly what is open of it. Beside it some lines are accepted one by one, as
they all were before, in the same run. Advances are made as for `bench-reports`, of ten suppliers with an owner each.
"""

import argparse
import cProfile
import os
import pstats
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from infactor.embedded_postgres import postgres
from tests.benchmarks import processor_time, purchased

SUPPLIERS, BUYERS, BASE = 10, 200, 10_000_000
CERTAIN = 4  # of five lines
MEGABYTE = 1024
SHOWN_CALLS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.statements", description=__doc__)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--alone", type=int, default=100, help="certain lines that are accepted one by one")
    parser.add_argument("--database", help="URL of one to use instead of a server made for this run")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-statements-")))
        os.environ |= {
            "DATABASE_URL": asked.database or stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        _measure(lines=asked.lines, alone=asked.alone, with_profile=asked.profile)


def _measure(*, lines: int, alone: int, with_profile: bool) -> None:
    from infactor.banking.models import StatementLine
    from infactor.financing.models import Collection
    from infactor.ledger import integrity
    from tests.support.statements import csv_statement, house_account, import_file

    scenario = _purchased(lines * CERTAIN // 5 + alone)
    account = house_account(scenario.operations, scenario.now)
    print(f"{lines:,} lines, {lines * CERTAIN // 5:,} of them certain; load {os.getloadavg()[0]:.1f}")

    def load(name: str, first: int, certain: int, others: int) -> None:
        rows = [
            f"{scenario.today};1000.00;{name}-{n};Buyer {1 + n % BUYERS} Inc;INV-{n};"
            for n in range(first, first + certain)
        ]
        rows += [f"{scenario.today};7.{n % 90 + 10};{name}-x{n};Unknown {n};Thank you;" for n in range(others)]
        import_file(csv_statement(*rows), account=account, by=scenario.operations, at=scenario.now, name=f"{name}.csv")

    with _profiled(with_profile):
        load("alone", 1, alone, 0)
        _run("find", scenario)
        each = _timed("accept one by one", alone, lambda: _accept_alone(scenario))
    certain = lines * CERTAIN // 5
    spent = _timed("import", lines, lambda: load("all", alone + 1, certain, lines - certain))
    spent += _timed("propose", lines, lambda: _run("find", scenario))
    with _profiled(with_profile):
        together = _timed("accept together", certain, lambda: _run("accept", scenario))
    spent += together
    spent += _timed("propose again", lines - certain, lambda: _run("find", scenario))
    ratio = (together.busy / certain) / (each.busy / alone)
    print(f"  {spent.seconds:.1f} s in all, {spent.busy:.1f} s of the processor")
    print(f"  a line accepted together takes {ratio:.3f} of the processor time of one accepted alone")
    statuses = Counter(StatementLine.objects.order_by().values_list("status", flat=True))
    print(
        f"  {statuses['matched']:,} matched, {statuses['waiting']:,} waiting, {Collection.objects.count():,} payments"
    )
    assert statuses["matched"] == alone + certain, "not every certain line was accepted"
    # The copies of advances are no whole postings; those of the payments must be.
    wrong = [one for one in integrity.verify(at=scenario.now).findings if str(one).startswith("collection:")]
    print(f"  {len(wrong)} findings about the postings of payments; load {os.getloadavg()[0]:.1f}")


def _purchased(count: int) -> Any:
    from django.core.management import call_command
    from django.db import connection

    from infactor.suppliers.models import Supplier
    from tests.support.factories.suppliers import MembershipFactory
    from tests.support.scenarios.financing import build_scenario

    call_command("migrate", verbosity=0)
    scenario = build_scenario(now=datetime(2026, 11, 2, 17, 0, tzinfo=UTC))
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer("Original"), face="1000"))
    own = scenario.supplier.pk
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # copies keep their references as they are
        for statement in (
            *purchased.suppliers(supplier_id=own, count=SUPPLIERS),
            *purchased.advances(
                advance_id=advance.pk,
                invoice_id=advance.invoice_id,
                buyer_id=advance.buyer_id,
                base=BASE,
                count=count,
                buyers=BUYERS,
                owner=f"{own} + n % {SUPPLIERS}",
                due=f"date '{advance.funded_on}' + n % 90",
            ),
        ):
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    for supplier in Supplier.objects.exclude(pk=own):
        MembershipFactory(supplier=supplier)
    return scenario


def _run(kind: str, scenario: Any) -> None:
    """Request a matching run and work on it until it is done."""
    from infactor.financing.collections import matching_runs

    run = matching_runs.request(kind=kind, by=scenario.operations, at=scenario.now)
    while matching_runs.work(run_id=run.pk, at=scenario.now):
        pass


def _accept_alone(scenario: Any) -> None:
    from infactor.financing.collections import line_acceptance, line_proposals, matching_runs

    for line in list(matching_runs.lines_to_do(kind="accept", after=0)):
        done = line_acceptance.accept_certain(
            line=line, targets=line_proposals.targets_of(line.proposal), by=scenario.operations, at=scenario.now
        )
        assert done, f"{line} is not certain any more"


class Spent(NamedTuple):
    """Seconds of wall time, and of the processor: of this process and its PostgreSQL."""

    seconds: float
    busy: float

    def __add__(self, other: "Spent") -> "Spent":  # type: ignore[override]
        return Spent(self.seconds + other.seconds, self.busy + other.busy)


def _timed(what: str, lines: int, act: Callable[[], None]) -> Spent:
    """Print what `act` took, and return it."""
    from django.db import connection

    queries = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*given)

    busy, began = processor_time.spent(), time.perf_counter()
    with connection.execute_wrapper(count):
        act()
    seconds, busy = time.perf_counter() - began, processor_time.spent() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(
        f"  {what:18} {lines:>6,} lines {seconds:7.2f} s, {busy:7.2f} s of the processor, "
        f"{busy / lines * 1000:6.2f} ms of it and {queries / lines:5.1f} queries a line, peak {peak:,.0f} MB",
        flush=True,
    )
    return Spent(seconds, busy)


@contextmanager
def _profiled(is_wanted: bool) -> Iterator[None]:
    if not is_wanted:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    pstats.Stats(profile).sort_stats("cumulative").print_stats("infactor|templates", SHOWN_CALLS)


if __name__ == "__main__":
    main()
