"""`make bench-webhooks`: send signed webhooks to gunicorn at once, and time a worker until all are processed.

Each request holds one event, the worst case: Intuit sends several together. The company is the sandbox, so every read
is real.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks.runner import ROOT
from tests.support.fakes.signed_webhooks import cloud, cloud_event, signature
from tests.support.processes.devserver import free_ports

VERIFIER = "burst-verifier"
LONGEST_DRAIN = 180  # seconds


@dataclass
class Answers:
    """The status and the duration of each request."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.webhooks", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=300, help="how many invoices the events are about")
    parser.add_argument("--clients", type=int, default=16, help="requests under way at a time")
    parser.add_argument("--database", help="URL of one to use instead of a server made for this run")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-burst-")))
        database = asked.database or stack.enter_context(postgres(data=folder / "postgres"))
        port, sandbox_port = free_ports(2)
        os.environ |= {
            "DATABASE_URL": database,
            "VAR_DIR": str(folder),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
            "QUICKBOOKS_ENVIRONMENT": "local",
            "QUICKBOOKS_WEBHOOK_VERIFIER": VERIFIER,
            "SANDBOX_WEBHOOK_URL": "http://127.0.0.1:9/",  # the sandbox itself tells of nothing here
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        _tables()
        _sandbox("generate", f"--invoices={asked.objects}")
        granted = json.loads(_sandbox("credentials"))
        for name in ("sandbox", "web", "worker"):
            stack.enter_context(_process(name))
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        _wait_for(f"http://127.0.0.1:{sandbox_port}/control/state")
        connection = _connect(granted)
        requests = _requests(granted, events=asked.events, objects=asked.objects)
        began = time.perf_counter()
        answers = asyncio.run(_send(requests, port=port, clients=asked.clients))
        sent = time.perf_counter() - began
        drained = _drained(connection, began=began)
        _report(answers, sent=sent, drained=drained, connection=connection, events=asked.events)


def _tables() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _sandbox(*arguments: str) -> str:
    command = [sys.executable, "-m", "quickbooks_app.sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _process(name: str) -> Iterator[None]:
    """Start a process exactly as `make run` does."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    with subprocess.Popen(["sh", "-c", lines[name]], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  our own server
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{address} does not answer.")


def _connect(granted: dict[str, str]) -> Any:
    from tests.support.factories.quickbooks import ConnectionFactory

    return ConnectionFactory(
        realm_id=granted["realm_id"],
        access_token=granted["access_token"],
        access_token_expires_at=datetime.now(UTC) + timedelta(hours=1),
        refresh_token=granted["refresh_token"],
    )


def _requests(granted: dict[str, str], *, events: int, objects: int) -> list[bytes]:
    """Prepared requests, each about one of the newest invoices."""
    asked = urllib.request.Request(  # noqa: S310  our own sandbox
        f"{granted['api_base']}/v3/company/{granted['realm_id']}/query?query=select+Id+from+Invoice+maxresults+{objects}",
        headers={"Authorization": f"Bearer {granted['access_token']}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        ids = [invoice["Id"] for invoice in json.load(answer)["QueryResponse"]["Invoice"]]
    made = []
    for number in range(events):
        body = cloud(cloud_event(granted["realm_id"], ids[number % len(ids)]))
        head = (
            f"POST /quickbook/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"intuit-signature: {signature(body, VERIFIER)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    random.Random(1).shuffle(made)
    return made


async def _send(requests: Sequence[bytes], *, port: int, clients: int) -> Answers:
    answers, waiting = Answers(), iter(requests)

    async def client() -> None:
        reader = writer = None
        for request in waiting:
            began = time.perf_counter()
            try:
                if writer is None or writer.is_closing():
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                await reader.readexactly(length)
                status = int(head[9:12])
                if b"connection: close" in head.lower():
                    writer.close()
            except (OSError, asyncio.IncompleteReadError):
                status, writer = 0, None
            answers.statuses[status] += 1
            answers.seconds.append(time.perf_counter() - began)
        if writer is not None:
            writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers


def _drained(connection: Any, *, began: float) -> float:
    from quickbooks_app.models import WebhookEvent

    while WebhookEvent.objects.filter(state="waiting").exists():
        if time.perf_counter() - began > LONGEST_DRAIN:
            raise SystemExit("The worker did not read everything in time.")
        time.sleep(0.1)
    return time.perf_counter() - began


def _report(answers: Answers, *, sent: float, drained: float, connection: Any, events: int) -> None:
    from infactor.invoices.models import Invoice
    from quickbooks_app.models import ApiCall, WebhookEvent

    cuts = quantiles(answers.seconds, n=100)
    calls = ApiCall.objects.filter(connection=connection)
    busiest = max(Counter(at.replace(microsecond=0) for at in calls.values_list("at", flat=True)).values(), default=0)
    states = Counter(WebhookEvent.objects.values_list("state", flat=True))
    milliseconds = [1000 * one for one in (cuts[49], cuts[98], max(answers.seconds))]
    lines = {
        "answered 200": f"{answers.statuses[200]:,} of {events:,}",
        "events a second": f"{events / sent:,.0f}",
        "answered within": "p50 {:.1f} ms, p99 {:.1f} ms, the slowest {:.0f} ms".format(*milliseconds),
        "kept": f"{sum(states.values()):,} events: {dict(states)}",
        "read again": f"{Invoice.objects.count():,} invoices in {calls.count()} calls, at most {busiest} in one second",
        "all followed": f"{drained:.1f} s after the first request, {max(drained - sent, 0):.1f} s after the last",
    }
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores; one event a request")
    print("\n".join(f"  {name.ljust(18)}{text}" for name, text in lines.items()))


if __name__ == "__main__":
    main()
