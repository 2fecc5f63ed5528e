"""`make bench-desk`: staff's home, queues, lists, searches and decisions with 100,000 purchased invoices.

The invoices are copies, as those of `make bench-reports`. Django's test client asks for each page twenty times, in one
process: 95 of 100 answers come within the time shown. Limits: 300 ms and 12 queries. *Processor* is that of the process
and of its PostgreSQL, for one answer: it hardly depends on what else runs. A supplier's search over everything stands
last: a tenth of the invoices is theirs. exit_code.py says how the command ends.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks.exit_code import exit_code
from tests.benchmarks.reports import copy_invoices

LIMIT_MS, LIMIT_QUERIES = 300, 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.desk", description=__doc__)
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-desk-")))
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        import django

        django.setup()
        return exit_code(_measure(invoices=asked.invoices, times=asked.times))


def _measure(*, invoices: int, times: int) -> list[str]:
    """Print each page, and return what is over a limit."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from infactor.financing.models import Advance
    from tests.support.factories.suppliers import EveryPermissionFactory
    from tests.support.scenarios.financing import build_scenario
    from tests.support.second_factor import give_factor, show_factor

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.DEBUG, settings.ACCOUNT_RATE_LIMITS = False, False  # nobody searches as often as this
    scenario = build_scenario()
    scenario.terms()
    copy_invoices(scenario, count=invoices)
    request = scenario.request(scenario.invoice(scenario.buyer("Asks"), face="5000"))
    person = EveryPermissionFactory()
    client, owner = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    client.force_login(person)
    give_factor(person)
    show_factor(client, person)
    owner.force_login(scenario.owner)
    print(f"{Advance.objects.count():,} purchased invoices, {times} requests a page")
    missed = []
    for name, address in _pages(request.pk):
        missed += _page(client, name, address, times=times)
    for name, address in _searches():
        missed += _page(owner, name, address, times=times)
    return missed


def _page(client: Any, name: str, address: str, *, times: int) -> list[str]:
    """Print what a page takes, and return what of it is over a limit."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks import processor_time

    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        status = client.get(address).status_code
        count = len(queries)  # later requests empty the log
    if status != 200:
        raise SystemExit(f"{name}: {address} was answered with {status}")
    before = processor_time.spent()
    took = sorted(_seconds(client, address) for _ in range(times))
    used = (processor_time.spent() - before) / times * 1000
    worst = took[math.ceil(times * 0.95) - 1] * 1000
    print(f"  {name:38} p95 {worst:6.0f} ms, processor {used:5.0f} ms, {count:2} queries", flush=True)
    slow = [f"{name}: p95 of {worst:.0f} ms, over {LIMIT_MS}"] if worst > LIMIT_MS else []
    return slow + ([f"{name}: {count} queries, over {LIMIT_QUERIES}"] if count > LIMIT_QUERIES else [])


def _seconds(client: Any, address: str) -> float:
    started = time.perf_counter()
    client.get(address)
    return time.perf_counter() - started


def _searches() -> Iterator[tuple[str, str]]:
    """What a supplier looks for on every page."""
    from django.urls import reverse

    for query in ("INV-77777", "Buyer+42", "nowhere", "bank"):
        yield f"supplier's search: {query}", f"{reverse('search:page')}?q={query}"


def _pages(request_id: int) -> Iterator[tuple[str, str]]:
    """The pages of a day, each with its name and address."""
    from django.urls import reverse

    from infactor.financing.models import Advance

    made = Advance.objects.earliest("pk")  # by the product's own services, with all that its page has
    yield "home", reverse("admin:index")
    yield "search everything: a number", f"{reverse('admin:search')}?q=INV-77777"
    yield "search everything: a name", f"{reverse('admin:search')}?q=Buyer+42"
    yield "collect from buyers", reverse("admin:desk_collect")
    lists = {
        "financing": ("advance", "financingrequest", "offer", "case", "payout", "collection", "eligibility", "notice"),
        "invoices": ("invoice", "buyer", "debtor"),
        "suppliers": ("supplier", "application", "bankaccount"),
        "banking": ("statementline",),
        "ledger": ("account", "transaction"),
        "core": ("auditevent",),
    }
    for app, models in lists.items():
        for model in models:
            yield f"list: {model}", reverse(f"admin:{app}_{model}_changelist")
    advances, invoices = reverse("admin:financing_advance_changelist"), reverse("admin:invoices_invoice_changelist")
    yield "queue: advances funded", f"{advances}?status__exact=funded"
    yield "list: advances, searched", f"{advances}?q=INV-77777"
    yield "list: invoices, searched", f"{invoices}?q=INV-77777"
    yield "list: invoices, last page", f"{invoices}?p={max(1, min(100, Advance.objects.count() // 100))}"
    yield "page: advance", reverse("admin:financing_advance_change", args=[made.pk])
    yield "page: invoice", reverse("admin:invoices_invoice_change", args=[made.invoice_id])
    yield "decision: make an offer", reverse("admin:financing_financingrequest_offer", args=[request_id])


if __name__ == "__main__":
    sys.exit(main())
