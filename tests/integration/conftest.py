"""Books to read from: a connection with good tokens, and Intuit as a small server on this machine."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from quickbooks_app.models import Connection
from tests.books import ConnectionFactory, Intuit, intuit_server


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
