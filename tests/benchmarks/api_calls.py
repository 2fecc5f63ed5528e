"""`make count-calls`: how many API calls each kind of sync takes, with and without an object that QuickBooks refuses.

The company is that of the sandbox, over HTTP. Calls that failed count, too.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infactor.embedded_postgres import postgres

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
CHANGED = 20
MAX_SLICES = 400  # of six minutes
COMPANIES: dict[str, dict[str, Any]] = {
    "no object is refused": {},
    "one invoice is refused (4002)": {"status": 400, "code": "4002"},
    "one invoice causes an internal error (10000)": {"status": 500, "code": "10000"},
}


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-count-calls-")))
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres(data=folder / "postgres")),
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.test",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print("| company | first import | again, nothing changed | 20 changes | 20 webhooks |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for number, (name, refusal) in enumerate(COMPANIES.items()):
            counts = _count(folder / f"books-{number}.sqlite3", refusal=refusal)
            print(f"| {name} | {' | '.join(counts)} |", flush=True)


def _count(path: Path, *, refusal: dict[str, Any]) -> list[str]:
    """The calls of each step, with how it ended where it did not succeed."""
    from django.core.management import call_command
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # append-only tables refuse TRUNCATE otherwise
        call_command("flush", verbosity=0, interactive=False)
        cursor.execute("RESET session_replication_role")
    with _company(path) as (books, faults, connection, clock):
        realm, invoices = connection.realm_id, _invoice_ids(books)
        if refusal:
            faults.refuse(realm=realm, entity="Invoice", id=invoices[len(invoices) // 2], **refusal)
        steps = [_calls_of(connection, lambda: _read(connection, clock))]
        clock.advance(hours=4)
        steps.append(_calls_of(connection, lambda: _read(connection, clock)))
        clock.advance(hours=4)
        middle = invoices[len(invoices) // 2 - CHANGED // 2 :][:CHANGED]
        _edit(books, middle, realm=realm, at=clock())
        clock.advance(minutes=1)
        steps.append(_calls_of(connection, lambda: _read(connection, clock)))
        clock.advance(minutes=1)
        _edit(books, middle, realm=realm, at=clock())
        steps.append(_calls_of(connection, lambda: _follow_webhooks(connection, middle, clock)))
        return steps


@contextmanager
def _company(path: Path) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The books, faults, connection and clock of a running sandbox company."""
    from django.core.cache import cache
    from django.test import override_settings

    from quickbooks_app.sandbox.app import create_app
    from quickbooks_app.sandbox.data import generate
    from quickbooks_app.sandbox.oauth import tokens
    from quickbooks_app.sandbox.runtime.environment import RegisteredApp
    from quickbooks_app.sandbox.runtime.store import Store
    from tests.support.factories.quickbooks import Clock, ConnectionFactory
    from tests.support.processes.wsgi_server import served

    store, clock, app, realm = Store(path), Clock(START), RegisteredApp(), generate.MAIN_REALM
    generate.seed_if_empty(store, at=START - timedelta(days=1))
    flask = create_app(store=store, app=app, now=clock)
    with served(flask) as port, override_settings(SANDBOX_PORT=port):
        cache.clear()
        code = tokens.grant(
            store,
            client_id=app.client_id,
            realm=realm,
            scope=tokens.ACCOUNTING,
            email="rosa@larkspurcoffee.example",
            redirect_uri=app.redirect_uris[0],
            at=clock(),
        )
        given = tokens.exchange(
            store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=clock()
        )
        connection = ConnectionFactory(
            realm_id=realm,
            connected_at=START,
            access_token=given.access,
            access_token_expires_at=START + timedelta(hours=1),
            refresh_token=given.refresh,
            refresh_token_expires_at=START + timedelta(days=100),
        )
        yield store, flask.extensions["sandbox"].faults, connection, clock
    store.close()


def _calls_of(connection: Any, step: Callable[[], str]) -> str:
    from quickbooks_app.models import ApiCall

    before = ApiCall.objects.filter(connection=connection).count()
    ended = step()
    calls = ApiCall.objects.filter(connection=connection).count() - before
    return f"{calls} ({ended})" if ended else str(calls)


def _read(connection: Any, clock: Any) -> str:
    """Run a sync to its end. Returns how it ended, empty if well."""
    from quickbooks_app import runs
    from quickbooks_app.models import Connection, ImportRun
    from quickbooks_app.sync import run_worker

    fresh = Connection.objects.select_related("company_file").get(pk=connection.pk)
    run = runs.request(connection=fresh, by=None, at=clock())
    for _ in range(MAX_SLICES):
        if run_worker.process_run(run_id=run.pk, owner="count", now=clock) is run_worker.SliceOutcome.DONE:
            break
        clock.advance(minutes=6)
    ended = ImportRun.objects.get(pk=run.pk)
    return "" if ended.state == "succeeded" else str(ended.state)


def _follow_webhooks(connection: Any, ids: list[str], clock: Any) -> str:
    from quickbooks_app.models import WebhookEvent
    from quickbooks_app.webhooks import inbox, processing
    from quickbooks_app.webhooks.parsing import Event

    at = clock()
    inbox.store_events(
        events=[Event(f"event-{one}", connection.realm_id, "Invoice", one, "update", "", at) for one in ids],
        senders=[connection.integration],
        at=at,
    )
    for _ in range(60):
        processing.process_pending(connection_id=connection.pk, now=clock)
        clock.advance(minutes=1)
    unfinished = WebhookEvent.objects.exclude(state="handled").count()
    return f"{unfinished} of {len(ids)} not followed" if unfinished else ""


def _invoice_ids(store: Any) -> list[str]:
    from quickbooks_app.sandbox.data import generate

    rows = store.connection().execute(
        "SELECT id FROM objects WHERE realm = ? AND entity = 'Invoice' AND deleted = 0 ORDER BY create_time, rowid",
        (generate.MAIN_REALM,),
    )
    return [str(row["id"]) for row in rows]


def _edit(store: Any, ids: list[str], *, realm: str, at: datetime) -> None:
    from quickbooks_app.sandbox.accounting import writing
    from quickbooks_app.sandbox.accounting.books import Books
    from quickbooks_app.sandbox.accounting.sales_forms import WriteRules

    with store.transaction() as database:
        books = Books(database, realm=realm, at=at)
        for one in ids:
            known = books.get("Invoice", one)
            changes = {"Id": one, "SyncToken": known["SyncToken"], "sparse": True, "PrivateNote": f"At {at}"}
            writing.update(books, entity="Invoice", payload=changes, rules=WriteRules())


if __name__ == "__main__":
    main()
