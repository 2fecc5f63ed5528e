"""Fixtures for the sandbox's tests: a movable clock, a seeded company, and a client with a token."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quickbooks_app.sandbox.app import create_app
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store

REALM = generate.MAIN_REALM
REDIRECT = "http://localhost:3000/quickbook/connect"
START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@dataclass
class MovableClock:
    """A clock that shows the time it was set to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Api:
    """A client of the accounting API with a valid token."""

    client: FlaskClient
    token: str
    realm: str = REALM
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json"})

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._open("get", path, **options)

    def post(self, path: str, body: object, **options: Any) -> TestResponse:
        return self._open("post", path, data=json.dumps(body, default=str), content_type="application/json", **options)

    def report(self, name: str, **parameters: str) -> dict[str, Any]:
        """A report, every value as it is on the wire."""
        answer = self.get(f"/reports/{name}", query_string=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def query(self, statement: str) -> dict[str, Any]:
        answer = self.get("/query", query_string={"query": statement})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)["QueryResponse"]
        return found

    def read(self, entity: str, id: str) -> dict[str, Any]:
        answer = self.get(f"/{entity.lower()}/{id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)[entity]
        return found

    def write(self, entity: str, body: object, params: str = "") -> dict[str, Any]:
        answer = self.post(f"/{entity.lower()}{params}", body)
        assert answer.status_code == 200, answer.text
        written: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)[entity]
        return written

    def refused(self, path: str, body: object) -> dict[str, Any]:
        """The one error of a write that must fail."""
        answer = self.post(path, body)
        assert answer.status_code == 400, answer.text
        (error,) = json.loads(answer.text)["Fault"]["Error"]
        found: dict[str, Any] = error
        return found

    def invoice(self, amount: str = "100.00", customer: str = "1", **more: Any) -> dict[str, Any]:
        """Create an invoice of one line."""
        return self.write("Invoice", {"CustomerRef": {"value": customer}, "Line": [sales_line(amount)], **more})

    def pay(self, invoice: dict[str, Any], amount: str, total: str | None = None) -> dict[str, Any]:
        """Create a payment on one invoice."""
        linked = {"Amount": float(amount), "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        customer = {"value": invoice["CustomerRef"]["value"]}
        body = {"CustomerRef": customer, "TotalAmt": float(total or amount), "Line": [linked]}
        return self.write("Payment", body)

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **options.pop("headers", {})}
        return self.client.open(f"/v3/company/{self.realm}{path}", method=method.upper(), headers=headers, **options)


def sales_line(amount: str, item: str = "1", **detail: Any) -> dict[str, Any]:
    """An invoice line as a client sends it."""
    return {
        "Amount": float(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item}, **detail},
    }


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the seed companies, created once."""
    path = tmp_path_factory.mktemp("seed") / "books.sqlite3"
    store = Store(path)
    generate.seed_if_empty(store, at=START)
    store.close()
    return path


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(seeded_file: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "books.sqlite3"
    shutil.copy(seeded_file, path)
    opened = Store(path)
    yield opened
    opened.close()


@pytest.fixture
def app(store: Store, clock: MovableClock) -> Flask:
    return create_app(store=store, app=RegisteredApp(), now=clock)


@pytest.fixture
def faults(app: Flask) -> Faults:
    found: Faults = app.extensions["sandbox"].faults
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def give_tokens(store: Store, clock: MovableClock) -> Callable[..., tokens.Tokens]:
    """Issue tokens without going through the consent page."""

    def give(*, realm: str = REALM, scope: str = tokens.ACCOUNTING) -> tokens.Tokens:
        code = tokens.grant(
            store,
            client_id=RegisteredApp().client_id,
            realm=realm,
            scope=scope,
            email="rosa@larkspurcoffee.example",
            redirect_uri=REDIRECT,
            at=clock(),
        )
        return tokens.exchange(store, client_id=RegisteredApp().client_id, code=code, redirect_uri=REDIRECT, at=clock())

    return give


@pytest.fixture
def api(client: FlaskClient, give_tokens: Callable[..., tokens.Tokens]) -> Api:
    return Api(client=client, token=give_tokens().access)
