"""Fixtures for sync tests: a sandbox company over HTTP, its connection and its import."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.cache import cache
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from quickbooks_app import runs
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sandbox.accounting import entries, merging, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.app import create_app
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.runtime.calls import CallLog
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.assertions.matches_quickbooks import assert_matches_quickbooks, read_quickbooks
from tests.support.database.module_rows import module_rows
from tests.support.factories.quickbooks import Clock, ConnectionFactory
from tests.support.factories.suppliers import SupplierFactory
from tests.support.processes.wsgi_server import served

REALM = generate.MAIN_REALM
START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
Payload = dict[str, Any]


@dataclass
class Company:
    """The sandbox, with the edits that a person makes in it, sent over its API."""

    base: str
    store: Store
    clock: Clock
    faults: Faults
    log: CallLog

    def calls(self) -> list[str]:
        """The queries of all calls that were made, oldest first."""
        return [call.query for call in reversed(self.log.recent())]

    def read(self, entity: str, qbk_id: str) -> Payload:
        return self._json("GET", f"/{entity.lower()}/{qbk_id}")[entity]

    def write(self, entity: str, body: Payload, **query: str) -> Payload:
        return self._json("POST", f"/{entity.lower()}", json=body, params=query)[entity]

    def all(self, entity: str) -> list[Payload]:
        """The first thousand objects of a kind."""
        query = f"SELECT * FROM {entity} ORDERBY MetaData.CreateTime MAXRESULTS 1000"
        return list(self._json("GET", "/query", params={"query": query})["QueryResponse"].get(entity, []))

    def bill(self, customer: str = "1", amount: str = "100.00", **more: Any) -> Payload:
        return self.write("Invoice", {"CustomerRef": {"value": customer}, "Line": [line(amount)], **more})

    def credit(self, customer: str = "1", amount: str = "40.00") -> Payload:
        return self.write("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [line(amount)]})

    def pay(self, invoice: Payload, amount: str, total: str | None = None, **more: Any) -> Payload:
        body = {
            "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
            "TotalAmt": float(total or amount),
            "Line": [laid(invoice, amount, "Invoice")],
            **more,
        }
        return self.write("Payment", body)

    def apply(self, memo: Payload, invoice: Payload, amount: str) -> Payload:
        """Apply a credit memo to an invoice, which QuickBooks stores as a payment of zero."""
        lines = [laid(invoice, amount, "Invoice"), laid(memo, amount, "CreditMemo")]
        customer = {"value": invoice["CustomerRef"]["value"]}
        return self.write("Payment", {"CustomerRef": customer, "TotalAmt": 0, "Line": lines})

    def journal(self, customer: str, amount: str, kind: str = "JournalEntry") -> Payload:
        """An entry that lowers what a customer owes, and that no object which infactor reads tells of."""
        with self.store.transaction() as database:
            books = Books(database, realm=REALM, at=self.clock())
            entity, payload = entries.on_receivables(kind, customer_id=customer, amount=Decimal(amount))
            made = writing.create(books, entity=entity, payload=payload, rules=WriteRules())
            return {"Id": made["Id"], "kind": kind}

    def close(self, invoice: Payload, entry: Payload, amount: str) -> Payload:
        """Lay an entry against an invoice, which QuickBooks keeps as a payment of nothing."""
        lines = [laid(invoice, amount, "Invoice"), laid(entry, amount, entry["kind"])]
        customer = {"value": invoice["CustomerRef"]["value"]}
        return self.write("Payment", {"CustomerRef": customer, "TotalAmt": 0, "Line": lines})

    def edit(self, entity: str, qbk_id: str, **changes: Any) -> Payload:
        return self.write(entity, {**self._head(entity, qbk_id), "sparse": True, **changes})

    def void(self, entity: str, qbk_id: str) -> Payload:
        query = {"operation": "void"} if entity == "Invoice" else {"operation": "update", "include": "void"}
        return self.write(entity, {**self._head(entity, qbk_id), "sparse": True}, **query)

    def delete(self, entity: str, qbk_id: str) -> Payload:
        return self.write(entity, self._head(entity, qbk_id), operation="delete")

    def merge(self, *, kept: str, merged: str, deletes: bool = True) -> None:
        """Merge two customers. The merged one is gone or inactive, and its documents move without a new version."""
        with self.store.transaction() as database:
            merging.merge(Books(database, realm=REALM, at=self.clock()), kept=kept, merged=merged, deletes=deletes)

    def forget(self, entity: str, qbk_id: str) -> None:
        """Delete an object without a trace, as if change data capture had missed it."""
        with self.store.transaction() as database:
            database.execute("DELETE FROM objects WHERE realm = ? AND entity = ? AND id = ?", (REALM, entity, qbk_id))

    def tokens(self, *, realm: str = REALM) -> oauth_tokens.Tokens:
        app = RegisteredApp()
        code = oauth_tokens.grant(
            self.store,
            client_id=app.client_id,
            realm=realm,
            scope=oauth_tokens.ACCOUNTING,
            email="rosa@larkspurcoffee.example",
            redirect_uri=app.redirect_uris[0],
            at=self.clock(),
        )
        return oauth_tokens.exchange(
            self.store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=self.clock()
        )

    def assert_matches_quickbooks(self, connection: Connection) -> None:
        books = read_quickbooks(self.base, realm=REALM, token=self.tokens().access)
        assert books["Invoice"], "there is something to compare"
        assert_matches_quickbooks(connection, books)

    def _head(self, entity: str, qbk_id: str) -> Payload:
        return {"Id": qbk_id, "SyncToken": self.read(entity, qbk_id)["SyncToken"]}

    def _json(self, method: str, path: str, **given: Any) -> Payload:
        headers = {"Authorization": f"Bearer {self.tokens().access}", "Accept": "application/json"}
        url = f"{self.base}/v3/company/{REALM}{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **given)
        assert answer.status_code == 200, answer.text
        found: Payload = answer.json()
        return found


def line(amount: str) -> Payload:
    return {
        "Amount": float(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
    }


def laid(form: Payload, amount: str, kind: str) -> Payload:
    return {"Amount": float(amount), "LinkedTxn": [{"TxnId": form["Id"], "TxnType": kind}]}


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "books.sqlite3"
    store = Store(path)
    generate.seed_if_empty(store, at=START - timedelta(days=1))
    store.close()
    return path


@contextmanager
def running(path: Path, clock: Clock) -> Iterator[Company]:
    """Run the sandbox with the books in `path`, on its own port."""
    store = Store(path)
    flask = create_app(store=store, app=RegisteredApp(), now=clock)
    with served(flask) as port, override_settings(SANDBOX_PORT=port):
        cache.clear()
        found = flask.extensions["sandbox"]
        # The edits are those of a person, who may make inactive what has an open balance.
        found.faults.set_rule("refuse_inactivation", on=False)
        yield Company(f"http://127.0.0.1:{port}", store, clock, found.faults, found.calls)
    store.close()


def connect(company: Company) -> Connection:
    """Connect the company, without importing it. Its supplier has not applied yet."""
    tokens = company.tokens()
    return ConnectionFactory(
        company_file__supplier=SupplierFactory(),
        realm_id=REALM,
        connected_at=START,
        access_token=tokens.access,
        access_token_expires_at=START + timedelta(hours=1),
        refresh_token=tokens.refresh,
        refresh_token_expires_at=START + timedelta(days=100),
    )


@dataclass
class Imported:
    """A company that was imported once: its books at that time, and the connection."""

    path: Path
    at: datetime
    connection_id: int
    prepared: Any


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Any]:
    """A step after a module's import, run once; a module that needs one overrides this."""
    return lambda company, connection: None


@pytest.fixture(scope="module")
def module_import(
    seeded: Path,
    prepare: Callable[[Company, Connection], Any],
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Imported]:
    """The company, connected and fully imported once for a test module."""
    path = tmp_path_factory.mktemp("imported") / "books.sqlite3"
    shutil.copy(seeded, path)

    def build() -> Imported:
        with running(path, Clock(START)) as company:
            connection = connect(company)
            read(connection, company.clock)
            company.clock.advance(minutes=30)
            connection = Connection.objects.select_related("company_file").get(pk=connection.pk)
            prepared = prepare(company, connection)
            return Imported(path, company.clock(), connection.pk, prepared)

    with module_rows(build, django_db_blocker) as made:
        yield made


@pytest.fixture
def company(request: pytest.FixtureRequest, seeded: Path, tmp_path: Path) -> Iterator[Company]:
    """The sandbox as the module's import left it, for a test that uses the import; otherwise as seeded."""
    path, at = seeded, START
    if "imported" in request.fixturenames:
        before: Imported = request.getfixturevalue("module_import")
        path, at = before.path, before.at
    shutil.copy(path, tmp_path / "books.sqlite3")
    with running(tmp_path / "books.sqlite3", Clock(at)) as company:
        yield company


@pytest.fixture
def connection(company: Company, db: None) -> Connection:
    """The company, connected but not imported. Do not mix with `imported` in one module: it is connected only once."""
    return connect(company)


@pytest.fixture
def imported(company: Company, module_import: Imported, db: None) -> Connection:
    """The company, connected and fully imported."""
    return Connection.objects.select_related("company_file").get(pk=module_import.connection_id)


def read(connection: Connection, clock: Clock, kind: str = "") -> ImportRun:
    """Request an import run, and work on it until it has ended."""
    fresh = Connection.objects.select_related("company_file").get(pk=connection.pk)
    run = runs.request(connection=fresh, by=None, at=clock(), kind=kind)
    for _ in range(50):
        if run_worker.process_run(run_id=run.pk, owner="test", now=clock) is SliceOutcome.DONE:
            break
        clock.advance(minutes=6)
    return ImportRun.objects.get(pk=run.pk)
