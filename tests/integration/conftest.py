"""Fixtures for integration tests: a connection with valid tokens, and a fake Intuit server."""

import pytest

from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.models import Connection, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.intuit_server import Intuit
from tests.support.payloads import NOON
from tests.support.scenarios.imports import PAGE, add_books


@pytest.fixture
def connection(db: None) -> Connection:
    return ConnectionFactory()


@pytest.fixture
def run(intuit: Intuit, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """A run over two customers and twelve invoices, in pages of five."""
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", PAGE)
    add_books(intuit)
    return runs.request(connection=connection, by=None, at=NOON)
