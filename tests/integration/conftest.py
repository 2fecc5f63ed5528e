"""Books to read from: a connection with good tokens, and Intuit as a small server on this machine."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination as pulling
from quickbooks_app.models import Connection, ImportRun
from tests.books import ConnectionFactory
from tests.importing import PAGE, fill
from tests.intuit import Intuit, intuit_server
from tests.payloads import NOON


@pytest.fixture
def intuit(settings: Settings) -> Iterator[Intuit]:
    """Intuit, empty and well; the settings lead to it."""
    cache.clear()
    with intuit_server() as server:
        settings.SANDBOX_PORT = server.port
        yield server


@pytest.fixture
def connection(db: None) -> Connection:
    return ConnectionFactory()


@pytest.fixture
def run(intuit: Intuit, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """A run over two customers and twelve invoices, in pages of five."""
    monkeypatch.setattr(pulling, "PAGE_SIZE", PAGE)
    fill(intuit)
    return runs.request(connection=connection, by=None, at=NOON)
