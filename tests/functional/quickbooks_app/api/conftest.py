"""A client of the sandbox over HTTP, and the records of its calls."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.objects.editions import CompanyProfile
from tests.functional.quickbooks_app.sync.conftest import (
    REALM,
    Company,
    seeded,  # noqa: F401  a fixture
)
from tests.functional.quickbooks_app.sync.conftest import company as books  # noqa: F401  a fixture

PLUS = CompanyProfile("QuickBooks Online Plus", "US")


@dataclass
class Used:
    """A client, the records of its calls, and the books that it writes to."""

    client: QuickBooksClient
    books: Company
    calls: list[CallRecord] = field(default_factory=list)
    financed: set[str] = field(default_factory=set)

    def titles(self) -> list[str]:
        return [f"{call.operation} {call.entity}".strip() for call in self.calls]

    def token_of(self, entity: str, qbk_id: str) -> str:
        return str(self.books.read(entity, qbk_id)["SyncToken"])


def client_of(
    books: Company,  # noqa: F811
    calls: list[CallRecord],
    financed: set[str],
    *,
    realm: str = REALM,
    **more: Any,
) -> QuickBooksClient:
    return QuickBooksClient(
        api_base=books.base,
        realm_id=realm,
        token=books.tokens(realm=realm).access,
        record=calls.append,
        is_financed=financed.__contains__,
        **{"company": PLUS, **more},
    )


@pytest.fixture
def used(books: Company) -> Iterator[Used]:  # noqa: F811
    calls: list[CallRecord] = []
    financed: set[str] = set()
    client = client_of(books, calls, financed)
    yield Used(client, books, calls, financed)
    client.close()
