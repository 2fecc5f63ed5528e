"""`make bench-load`: what twenty ordinary suppliers, probes and webhooks feel of one supplier's worst behaviour.

nginx, gunicorn and Redis run as in production, with the documented files. Everybody has an address of their own.
Whoever misbehaves is a process of its own (load_attacker.py), and so is what prepares files, as a worker would.
"""

import argparse
import multiprocessing
import os
import random
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

from infactor.embedded_postgres import postgres
from tests.benchmarks import load_attacker
from tests.support.fakes.signed_webhooks import cloud, cloud_event, signature
from tests.support.processes.production_site import COOKIE, HOST, ProductionSite, trusting

SUPPLIERS = 20
ORDINARY_INVOICES = 300
THINK = (1.0, 3.0)  # seconds between two pages of one person
PROBE_EVERY, WEBHOOK_EVERY = 0.5, 0.5  # seconds
AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@dataclass
class Measured:
    """Durations in seconds and statuses, by who asked."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))


class Visitor:
    """One client with an address of its own and a connection that it keeps, as a browser does."""

    def __init__(self, port: int, *, number: int, cookie: str = "") -> None:
        self.port, self.address = port, f"127.0.1.{number}"
        self.headers = {"Host": HOST, **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})}
        self._connection: HTTPSConnection | None = None

    def ask(self, path: str, *, body: bytes | None = None, **headers: str) -> int:
        """The status; 0 if there was none."""
        if self._connection is None:
            context = trusting()
            self._connection = HTTPSConnection(
                "127.0.0.1", self.port, timeout=120, context=context, source_address=(self.address, 0)
            )
        try:
            self._connection.request("POST" if body else "GET", path, body, self.headers | headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = None
            return 0
        return answer.status


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__)
    parser.add_argument("--invoices", type=int, default=100_000, help="of the supplier who misbehaves")
    parser.add_argument("--seconds", type=int, default=60, help="before, and again during")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-bench-load-")))
        database = stack.enter_context(postgres(data=folder / "postgres"))
        site = ProductionSite(folder, database=database)
        stack.callback(site.close)
        os.environ |= {
            **site.secrets,
            "DATABASE_URL": database,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
        }
        people, worst, realm = _fill(invoices=asked.invoices)
        site.start()
        ordinary = [_browse(Visitor(site.port, number=n + 1, cookie=one[0]), one[1]) for n, one in enumerate(people)]
        verifier = site.secrets["QUICKBOOKS_WEBHOOK_VERIFIER"]
        others = [_probe(Visitor(site.port, number=100)), _webhooks(Visitor(site.port, number=101), realm, verifier)]
        _measure(ordinary + others, seconds=5)  # warm
        load = os.getloadavg()[0]
        before = _measure(ordinary + others, seconds=asked.seconds)
        spawn = multiprocessing.get_context("spawn")
        for target, arguments in ((load_attacker.misbehave, (site.port, worst)), (load_attacker.prepare_files, ())):
            process = spawn.Process(target=target, args=arguments, daemon=True)
            process.start()
            stack.callback(process.kill)
        time.sleep(5)
        during = _measure(ordinary + others, seconds=asked.seconds)
        print(
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {asked.invoices:,} invoices, "
            f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
        )
        _report(before, during)


def _fill(*, invoices: int) -> tuple[list[tuple[str, list[str]]], dict[str, str], str]:
    """Cookie and pages of each ordinary person; cookie and connection of the one who misbehaves; a realm."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests.support.factories.integrations import of_settings
    from tests.support.factories.quickbooks import ConnectionFactory

    call_command("migrate", verbosity=0)
    people = []
    for _ in range(SUPPLIERS):
        cookie, file = _supplier(ORDINARY_INVOICES)
        found = file.invoices.order_by("?").values_list("public_id", flat=True)[:20]
        people.append((cookie, [f"/invoices/{public_id}/" for public_id in found]))
    cookie, file = _supplier(invoices)
    books = ConnectionFactory(company_file=file, integration=of_settings("production"), connected_at=AT)
    return people, {"cookie": cookie, "connection": str(books.public_id)}, books.realm_id


def _supplier(count: int) -> tuple[str, Any]:
    from django.db import connection
    from django.test import Client

    from infactor.core.bulk import copy_rows
    from infactor.invoices.models import Invoice
    from tests.benchmarks.eligibility import invoice_rows
    from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, MembershipFactory, approve_directly

    member = MembershipFactory()
    supplier = approve_directly(member.supplier)
    file = CompanyFileFactory(supplier=supplier)
    buyers = [(buyer.pk, buyer.name) for buyer in BuyerFactory.create_batch(50, company_file=file)]
    made = invoice_rows(buyers, supplier_id=supplier.pk, file_id=file.pk, count=count, share=30)
    rows = [
        row | {"public_id": uuid4(), "search_text": f"{row['invoice_no']} {row['company_name']}".lower()}
        for row in made
    ]
    copy_rows(model=Invoice, columns=list(rows[0]), rows=(list(row.values()) for row in rows))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE invoices_invoice")
    client = Client()
    client.force_login(member.user)
    return next(iter(client.cookies.values())).value, file


def _browse(visitor: Visitor, invoices: list[str]) -> Callable[[Measured, threading.Event], None]:
    def run(measured: Measured, over: threading.Event) -> None:
        chance = random.Random(visitor.address)
        while not over.wait(chance.uniform(*THINK)):
            name, path = chance.choice([("home", "/"), ("list", "/invoices/"), ("invoice", chance.choice(invoices))])
            _timed(measured, (name, "ordinary pages"), lambda path=path: visitor.ask(path))

    return run


def _probe(visitor: Visitor) -> Callable[[Measured, threading.Event], None]:
    def run(measured: Measured, over: threading.Event) -> None:
        while not over.wait(PROBE_EVERY):
            _timed(measured, ("/healthz",), lambda: visitor.ask("/healthz"))

    return run


def _webhooks(visitor: Visitor, realm: str, verifier: str) -> Callable[[Measured, threading.Event], None]:
    def run(measured: Measured, over: threading.Event) -> None:
        while not over.wait(WEBHOOK_EVERY):
            body = cloud(cloud_event(realm, str(uuid4().int % 1000)))
            signed = {"intuit-signature": signature(body, verifier), "Content-Type": "application/json"}
            _timed(
                measured,
                ("webhooks",),
                lambda body=body, signed=signed: visitor.ask("/quickbook/webhook", body=body, **signed),
            )

    return run


def _timed(measured: Measured, names: tuple[str, ...], ask: Callable[[], int]) -> None:
    began = time.perf_counter()
    status = ask()
    for name in names:
        measured.seconds[name].append(time.perf_counter() - began)
        measured.statuses[name][status] += 1


def _measure(visitors: list[Callable[[Measured, threading.Event], None]], *, seconds: int) -> Measured:
    measured, over = Measured(), threading.Event()
    threads = [threading.Thread(target=visitor, args=(measured, over)) for visitor in visitors]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in threads:
        thread.join()
    return measured


def _report(before: Measured, during: Measured) -> None:
    print("| who | before p50 | p95 | during p50 | p95 | slowest | p95 ratio | not answered 200 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in ("ordinary pages", "home", "list", "invoice", "/healthz", "webhooks"):
        was, now = (quantiles(one.seconds[name], n=20) for one in (before, during))
        bad = during.statuses[name].total() - during.statuses[name][200]
        figures = " | ".join(
            f"{1000 * one:,.0f} ms" for one in (was[9], was[18], now[9], now[18], max(during.seconds[name]))
        )
        print(f"| {name} | {figures} | {now[18] / was[18]:.1f} | {bad} of {during.statuses[name].total()} |")


if __name__ == "__main__":
    main()
