"""Runs the benchmark: one stub, one PostgreSQL, each contender in turn, each measurement in a new process."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import psycopg
from psycopg import sql

from tests.benchmarks.contenders import CONTENDERS

ROOT = Path(__file__).resolve().parents[2]
WORKS = {
    "first": "First import into empty tables",
    "again": "The same again, nothing changed",
    "changed": "What has changed since (50 invoices)",
    "many": "What has changed since (1,500 invoices, more than one response of changes holds)",
}
CHANGED = {"changed": 50, "many": 1500}


@dataclass
class Measured:
    """All rounds of one measurement of one contender."""

    name: str
    work: str
    invoices: int
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    own_seconds: list[float] = field(default_factory=list)  # of these, those of the importing process
    peak_mb: list[float] = field(default_factory=list)
    calls: int = 0
    lost: int = 0  # changed invoices that the database does not have

    @property
    def typical(self) -> float:
        return median(self.seconds)

    @property
    def rate(self) -> float:
        """Invoices per second, which compares books of two sizes."""
        return self.invoices / self.typical


@contextmanager
def stub(*, invoices: int, latency: float) -> Iterator[str]:
    """Start a stub in its own process, and yield its address."""
    command = [sys.executable, "-m", "tests.benchmarks.stub", f"--invoices={invoices}", f"--latency={latency}"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def create_tables(*, database: str) -> None:
    """Create infactor's tables by its migrations, and the peers' own."""
    _contender(["tables"], database=database)


def measure(
    *, sizes: Mapping[str, int], works: Sequence[str], latency: float, rounds: int, database: str
) -> list[Measured]:
    """Run every measurement of each contender on books of its size, `rounds` times; contenders alternate."""
    found: dict[tuple[str, str], Measured] = {}
    with ExitStack() as running:
        stubs = {size: running.enter_context(stub(invoices=size, latency=latency)) for size in {*sizes.values()}}
        for turn in range(1, rounds + 1):
            for name, size in sizes.items():
                _empty(database)
                for work in (one for one in works if one in CONTENDERS[name].works and size >= CHANGED.get(one, 0)):
                    one = found.setdefault((name, work), Measured(name, work, size))
                    _measure(one, address=stubs[size], version=turn * 100 + len(found), database=database)
                    print(f"  {size:,} invoices, round {turn}: {name} {work} {_last(one)}", file=sys.stderr)
    return list(found.values())


def _last(one: Measured) -> str:
    return f"{one.seconds[-1]:.2f} s, {one.processor_seconds[-1]:.2f} s of the processor"


def _measure(one: Measured, *, address: str, version: int, database: str) -> None:
    arguments = [one.name, f"--address={address}"]
    if one.work in CHANGED:
        moment = datetime.fromisoformat(_ask(f"{address}/bench/change?count={CHANGED[one.work]}&version={version}"))
        arguments.append(f"--since={(moment - timedelta(seconds=1)).astimezone(UTC).isoformat()}")
    before = int(_ask(f"{address}/bench/calls"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    result = json.loads(_contender(arguments, database=database, port=address.rpartition(":")[2]))
    one.seconds.append(result["seconds"])
    one.processor_seconds.append(result["processor_seconds"])
    one.peak_mb.append(result["peak_mb"])
    one.own_seconds.append(result["own_seconds"])
    if one.work in CHANGED:
        one.lost = max(one.lost, CHANGED[one.work] - _stored(one.name, version=version, database=database))
    one.calls = int(_ask(f"{address}/bench/calls")) - before


def _stored(name: str, *, version: int, database: str) -> int:
    """How many invoices the contender has stored in this version."""
    with psycopg.connect(database) as connection:
        table = sql.Identifier(CONTENDERS[name].table)
        found = connection.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE sync_token = %s").format(table), [str(version)]
        )
        (number,) = found.fetchone() or (0,)
    return int(number)


def _empty(database: str) -> None:
    """Empty every table that is written to, and wait until the server is idle."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # append-only tables refuse TRUNCATE otherwise
        connection.execute(
            "TRUNCATE benchmarks_peerinvoice, benchmarks_limit, benchmarks_limitdocument, "
            "invoices_companyfile, quickbooks_app_connection, "
            "users_user, suppliers_supplier CASCADE"
        )
        connection.execute("VACUUM ANALYZE")


def _contender(arguments: Sequence[str], *, database: str, port: str = "3001") -> str:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "infactor.settings.test",
        "QUICKBOOKS_ENVIRONMENT": "local",
        "SANDBOX_PORT": port,
    }
    command = [sys.executable, "-m", "tests.benchmarks.contender", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _ask(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310  our own stub
        return str(json.loads(answer.read()))
