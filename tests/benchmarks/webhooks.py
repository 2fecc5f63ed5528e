"""`make bench-webhooks`: send signed webhooks to gunicorn, and time a worker until all are processed.

Without --rate, so many clients send as soon as they have an answer (a closed loop). With it, each webhook has its
moment, whatever the answers do, and its time runs from there (`fixed_rate`). What was stored is compared with what was
sent, event by event.

Each request holds one event, the worst case: Intuit sends several together. The company is the sandbox, so every read
is real.
"""

import argparse
import asyncio
import json
import os
import pickle
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
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from infactor.embedded_postgres import postgres
from tests.benchmarks import fixed_rate, processor_time
from tests.benchmarks.runner import ROOT
from tests.support.fakes.signed_webhooks import cloud, cloud_event, signature
from tests.support.processes.ports import free_ports

VERIFIER = "burst-verifier"
LONGEST_DRAIN = 180  # seconds
Process = subprocess.Popen[bytes]
Prepared = list[tuple[str, bytes]]  # the id of the event, and the request


@dataclass
class Answers:
    """The status and the duration of each request."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.webhooks", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=300, help="how many invoices the events are about")
    parser.add_argument("--clients", type=int, default=0, help="connections; by default 16, and 64 with --rate")
    parser.add_argument("--rate", type=float, help="webhooks a second, whatever the answers do")
    parser.add_argument("--seconds", type=float, default=60, help="how long, with --rate")
    parser.add_argument("--without-worker", action="store_true", help="only receive; nothing is processed")
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
        names = ("sandbox", "web") if asked.without_worker else ("sandbox", "web", "worker")
        processes = {name: stack.enter_context(_process(name)) for name in names}
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        _wait_for(f"http://127.0.0.1:{sandbox_port}/control/state")
        connection = _connect(granted)
        events = int(asked.rate * asked.seconds) if asked.rate else asked.events
        requests = _requests(granted, events=events, objects=asked.objects)
        if asked.rate:
            arguments = (str(port), str(asked.rate), str(asked.clients or 64))
            _measure_rate(requests, arguments=arguments, folder=folder, processes=processes, connection=connection)
        else:
            _measure_burst(requests, port=port, clients=asked.clients or 16, connection=connection)


def _measure_burst(requests: Prepared, *, port: int, clients: int, connection: Any) -> None:
    began = time.perf_counter()
    answers = asyncio.run(_send([request for _, request in requests], port=port, clients=clients))
    sent = time.perf_counter() - began
    drained = _drained(connection, began=began)
    _report(answers, sent=sent, drained=drained, connection=connection, events=len(requests))


def _measure_rate(
    requests: Prepared, *, arguments: Sequence[str], folder: Path, processes: dict[str, Process], connection: Any
) -> None:
    """Send at a fixed rate, and say what became of each, what was stored, and whose processor time it was."""
    from quickbooks_app.models import WebhookEvent

    source, target = folder / "requests", folder / "sent"
    source.write_bytes(pickle.dumps([request for _, request in requests]))
    spent = {name: partial(processor_time.of_family, process.pid) for name, process in processes.items()}
    spent["PostgreSQL"] = partial(processor_time.of_family, processor_time.postmaster())
    before, began = {name: seconds() for name, seconds in spent.items()}, time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.fixed_rate", str(source), str(target), *arguments]
    subprocess.run(command, cwd=ROOT, check=True)
    took = time.perf_counter() - began
    shares = {name: seconds() - before[name] for name, seconds in spent.items()}
    sent = fixed_rate.Sent(*json.loads(target.read_text()))
    shares["sender"] = sent.processor
    answered = {event for (event, _), status in zip(requests, sent.statuses, strict=True) if status == 200}
    stored = Counter(WebhookEvent.objects.filter(connection=connection).values_list("event_id", flat=True))
    lines = fixed_rate.describe(sent) | {
        "lost": f"{len(answered - stored.keys()):,} of {len(answered):,} answered 200; stored {stored.total():,}",
        "processor": ", ".join(f"{name} {100 * one / took:.0f} %" for name, one in shares.items()) + " of one core",
        "each webhook": ", ".join(f"{name} {1e6 * one / len(answered):.0f} µs" for name, one in shares.items()),
    }
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; one event a request")
    print("\n".join(f"  {name.ljust(18)}{text}" for name, text in lines.items()))


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
def _process(name: str) -> Iterator[Process]:
    """Start a process exactly as `make run` does."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    with subprocess.Popen(["sh", "-c", lines[name]], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(1200):
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


def _requests(granted: dict[str, str], *, events: int, objects: int) -> Prepared:
    """Prepared requests, each about one of the newest invoices, with the ids of their events."""
    asked = urllib.request.Request(  # noqa: S310  our own sandbox
        f"{granted['api_base']}/v3/company/{granted['realm_id']}/query?query=select+Id+from+Invoice+maxresults+{objects}",
        headers={"Authorization": f"Bearer {granted['access_token']}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        ids = [invoice["Id"] for invoice in json.load(answer)["QueryResponse"]["Invoice"]]
    made = []
    for number in range(events):
        event = cloud_event(granted["realm_id"], ids[number % len(ids)])
        body = cloud(event)
        head = (
            f"POST /quickbook/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"intuit-signature: {signature(body, VERIFIER)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append((event["id"], head.encode() + body))
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
