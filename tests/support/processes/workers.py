"""Real processes that tests can kill: Celery workers, beat, a broker, and the sandbox."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection as database
from django.utils import timezone

from quickbooks_app.models import Connection
from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.data.generate import MAIN_REALM
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.runtime.documents import decode
from quickbooks_app.sandbox.runtime.store import Store
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.processes.ports import free_port
from tests.support.processes.sandbox_company import serve

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120  # seconds; a loaded machine starts a worker slowly


def until(holds: Callable[[], Any], *, what: str, seconds: float = PATIENCE) -> Any:
    """Wait until the condition holds, and return its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {seconds} seconds")


@dataclass
class Fleet:
    """All processes of one test; `close` ends every one of them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _kept: dict[str, str] = field(default_factory=dict)
    redis: subprocess.Popen[bytes] | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def open(self, *, invoices: int) -> Connection:
        """Start the sandbox with that many invoices and connect to it; workers are started separately."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self._sandbox(kept, "generate", "--invoices", str(invoices))
        company = self.stack.enter_context(serve(self.folder))
        self._kept = kept
        given = self._credentials()
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database.settings_dict['NAME']}").geturl()
        self.environment |= {
            **kept,
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
            "DATABASE_URL": address,
            "VAR_DIR": str(self.folder),
            "SANDBOX_PORT": str(company.port),
            "DISPATCH_SECONDS": "0.5",
            "QUICKBOOKS_LEASE_SECONDS": "2",
        }
        now = timezone.now()
        return ConnectionFactory(
            realm_id=MAIN_REALM,
            access_token=given["access_token"],
            access_token_expires_at=now + timedelta(hours=1),
            refresh_token=given["refresh_token"],
            connected_at=now,
        )

    def with_redis(self) -> None:
        """Use Redis as the broker; it loses its messages when it is stopped."""
        self.environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
        self.start_redis()

    def start_redis(self) -> None:
        port = str(urlsplit(self.environment["REDIS_URL"]).port)
        self.redis = self._start(str(shutil.which("redis-server")), "--port", port, "--save", "", "--appendonly", "no")

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker with one process for tasks, as the Procfile starts it."""
        return self._start(
            *self._celery("worker", "--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
        )

    def beat(self) -> subprocess.Popen[bytes]:
        return self._start(*self._celery("beat", "--loglevel", "WARNING", "--pidfile="))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process and all its children without warning, as a power failure would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def books(self) -> dict[str, list[dict[str, Any]]]:
        """All objects in the sandbox."""
        store = Store(self.folder / "sandbox" / "books.sqlite3")
        rows = store.connection().execute(
            "SELECT entity, body FROM objects WHERE realm = ? AND deleted = 0", (MAIN_REALM,)
        )
        held: dict[str, list[dict[str, Any]]] = {
            entity: [] for entity in ("Customer", "Invoice", "Payment", "CreditMemo")
        }
        for row in rows:
            if row["entity"] in held:
                held[row["entity"]].append(decode(row["body"]))
        store.close()
        return held

    def edit_invoices(self, count: int) -> None:
        """Change the note of that many invoices in the sandbox."""
        store = Store(self.folder / "sandbox" / "books.sqlite3")
        with store.transaction() as connection:
            books = Books(connection, realm=MAIN_REALM, at=timezone.now())
            for one in self.books()["Invoice"][:count]:
                change = {"Id": one["Id"], "SyncToken": one["SyncToken"], "sparse": True, "PrivateNote": "Call again"}
                writing.update(books, entity="Invoice", payload=change, rules=WriteRules())
        store.close()

    def reconnect(self, connection: Connection) -> None:
        """Give the connection a new grant, as its owner does in two clicks."""
        given, at = self._credentials(), timezone.now()
        Connection.objects.filter(pk=connection.pk).update(
            status=Connection.Status.CONNECTED, status_reason="", connected_at=at
        )
        row = Connection.objects.get(pk=connection.pk)
        row.access_token, row.refresh_token = given["access_token"], given["refresh_token"]
        row.access_token_expires_at, row.token_version = at + timedelta(hours=1), row.token_version + 1
        row.save()

    def revoke_grants(self) -> None:
        """Disconnect every app in the sandbox, as its owner does in QuickBooks."""
        store = Store(self.folder / "sandbox" / "books.sqlite3")
        tokens.revoke_all_grants(store, at=timezone.now())
        store.close()

    def said(self) -> str:
        """The output of the processes."""
        return (self.folder / "log").read_text() if (self.folder / "log").exists() else ""

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
        self.stack.close()

    def _credentials(self) -> dict[str, str]:
        given: dict[str, str] = json.loads(self._sandbox(self._kept, "credentials"))
        return given

    def _celery(self, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "celery", "-A", "infactor", "--quiet", *arguments)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def _sandbox(self, kept: dict[str, str], *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "quickbooks_app.sandbox", *arguments],
            cwd=ROOT,
            env={**kept, "VAR_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        ).stdout
