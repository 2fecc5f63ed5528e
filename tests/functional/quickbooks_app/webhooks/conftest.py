"""Fixtures for webhook tests: a connected sandbox company over HTTP, and signed webhooks."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from quickbooks_app import tasks
from quickbooks_app.models import ApiCall, Connection
from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.app import create_app
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.running import Sandbox
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.webhooks.deliveries import WebhookLog
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.signed_webhooks import VERIFIER, signature
from tests.support.processes.wsgi_server import served

REALM, OTHER_REALM = generate.MAIN_REALM, generate.SECOND_REALM
SEEDED = datetime.now(UTC) - timedelta(hours=1)


@dataclass
class Company:
    """The sandbox, with the edits that a person makes in its books."""

    store: Store
    running: Sandbox
    port: int
    realm: str = REALM
    at: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def find(self, entity: str, qbk_id: str) -> Document | None:
        return Books(self.store.connection(), realm=self.realm, at=self.at()).find(entity, qbk_id)

    def invoices(self) -> list[Document]:
        """Open invoices without payments."""
        rows = self.store.connection().execute(
            "SELECT id FROM objects WHERE realm = ? AND entity = 'Invoice' AND deleted = 0 ORDER BY create_time",
            (self.realm,),
        )
        found = [self.find("Invoice", row["id"]) for row in rows]
        return [one for one in found if one and one["Balance"] and one["Balance"] == one["TotalAmt"]]

    def write(self, operation: str, entity: str, payload: Document) -> Document:
        """Write an object; `operation` is create, update, void or delete."""
        act = getattr(writing, operation)
        with self.store.transaction() as connection:
            books = Books(connection, realm=self.realm, at=self.at())
            done: Document = act(books, entity=entity, payload=payload, rules=WriteRules())
            return done

    def edit(self, invoice: Document, **changes: Any) -> Document:
        now = self.find("Invoice", invoice["Id"]) or {}
        return self.write(
            "update", "Invoice", {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True, **changes}
        )

    def pay(self, invoice: Document, amount: int) -> Document:
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        customer = {"value": invoice["CustomerRef"]["value"]}
        return self.write("create", "Payment", {"CustomerRef": customer, "TotalAmt": amount, "Line": [line]})

    def remove(self, invoice: Document, operation: str = "delete") -> None:
        now = self.find("Invoice", invoice["Id"]) or {}
        self.write(operation, "Invoice", {"Id": now["Id"], "SyncToken": now["SyncToken"]})


@pytest.fixture(scope="session")
def seeded_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "books.sqlite3"
    store = Store(path)
    generate.seed_if_empty(store, at=SEEDED)
    store.close()
    return path


@pytest.fixture
def company(seeded_books: Path, tmp_path: Path, settings: Settings) -> Iterator[Company]:
    """The sandbox on its own port; the settings point to it."""
    cache.clear()
    path = tmp_path / "books.sqlite3"
    shutil.copy(seeded_books, path)
    store = Store(path)
    webhooks = WebhookLog(url="http://127.0.0.1:9/", verifier=VERIFIER)
    flask = create_app(store=store, app=RegisteredApp(), webhooks=webhooks)
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    with served(flask) as port:
        settings.SANDBOX_PORT = port
        yield Company(store=store, running=flask.extensions["sandbox"], port=port)
    store.close()


@pytest.fixture
def connect(company: Company, db: None) -> Callable[..., Connection]:
    """Connect a company, as a supplier does on the consent page."""

    def connect(realm: str = REALM) -> Connection:
        tokens = give_tokens(company, realm=realm)
        return ConnectionFactory(
            realm_id=realm,
            access_token=tokens.access,
            access_token_expires_at=datetime.now(UTC) + timedelta(hours=1),
            refresh_token=tokens.refresh,
        )

    return connect


@pytest.fixture
def connection(connect: Callable[..., Connection]) -> Connection:
    return connect()


def give_tokens(company: Company, *, realm: str = REALM) -> oauth_tokens.Tokens:
    app, at = RegisteredApp(), company.at()
    code = oauth_tokens.grant(
        company.store,
        client_id=app.client_id,
        realm=realm,
        scope=oauth_tokens.ACCOUNTING,
        email="rosa@larkspurcoffee.example",
        redirect_uri=app.redirect_uris[0],
        at=at,
    )
    return oauth_tokens.exchange(
        company.store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=at
    )


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The connections that a worker was called for; no worker runs by itself."""
    rung: list[int] = []
    monkeypatch.setattr(tasks.process_webhooks, "apply_async", lambda arguments, **_: rung.append(arguments[0]))
    return rung


@pytest.fixture
def post_webhook(client: Client, settings: Settings, notified: list[int]) -> Callable[..., int]:
    """Post a body as Intuit does, signed by default, and return the status of the response."""
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER

    def post_webhook(body: bytes, *, content_type: str = "application/json", **headers: str) -> int:
        given = {"intuit-signature": signature(body), **headers}
        return client.post(reverse("quickbooks:webhook"), body, content_type=content_type, headers=given).status_code

    return post_webhook


def reads(connection: Connection) -> int:
    """The number of calls made to read this company."""
    return ApiCall.objects.filter(connection=connection).count()
