"""Fixtures for what suppliers make: the imported company, whose owner is signed in and allows writes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from infactor.invoices.models import Buyer
from quickbooks_app.models import Connection, Push
from tests.functional.quickbooks_app.pushes.conftest import (  # noqa: F401  fixtures
    company,
    imported,
    module_import,
    prepare,
    seeded,
    writable,
)
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.functional.quickbooks_app.sync.conftest import Company
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory

DIGEST = re.compile(r'name="digest" value="([0-9a-f]{32})"')


@dataclass
class Maker:
    """The owner of a supplier on its pages of making."""

    client: Client
    connection: Connection
    company: Company
    form: dict[str, str] = field(default_factory=dict)

    def address(self, kind: str) -> str:
        return f"/quickbook/{self.connection.public_id}/{kind}"

    def invoice(self, buyer: Buyer | None = None) -> str:
        found = buyer or Buyer.objects.filter(company_file=self.connection.company_file).earliest("pk")
        return self.address(f"make/invoice?buyer={found.public_id}")

    def preview(self, address: str, **typed: Any) -> HttpResponse:
        return self.client.post(address, {**typed, "step": "preview"})  # type: ignore[return-value]

    def make(self, address: str, **typed: Any) -> HttpResponse:
        """Preview and confirm. The answer of the confirmation."""
        found = DIGEST.search(self.preview(address, **typed).content.decode())
        return self.confirm(address, digest=found[1] if found else "", **typed)

    def confirm(self, address: str, *, digest: str, **typed: Any) -> HttpResponse:
        return self.client.post(address, {**typed, "digest": digest, "step": "confirm"})  # type: ignore[return-value]

    def made(self, address: str, **typed: Any) -> Push:
        """What was made and written."""
        answer = self.make(address, **typed)
        assert answer.status_code == 302, visible_text(answer)
        work(self.company)
        push = Push.objects.get(public_id=answer["Location"].rpartition("/")[2])
        assert push.state == "done", push.error
        return push

    def end(self, push: Push, operation: str, **more: Any) -> HttpResponse:
        """Open the page that asks, and confirm what it shows."""
        asked = self.client.get(self.page(push, f"/end?operation={operation}"))
        shown = re.search(r'name="version" value="([^"]*)"', asked.content.decode())
        typed = {"operation": operation, "version": shown[1] if shown else ""}
        return self.client.post(self.page(push, "/end"), typed, **more)  # type: ignore[return-value]

    def page(self, push: Push, what: str = "") -> str:
        return self.address(f"made/{push.public_id}{what}")

    def text(self, address: str) -> str:
        return visible_text(self.client.get(address))  # type: ignore[arg-type]


def lines(*rows: dict[str, str]) -> dict[str, str]:
    """The lines of an invoice as the form posts them."""
    posted = {f"lines-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    return {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0", **posted}


def entered(**changes: str) -> dict[str, str]:
    """A valid invoice as the form posts it."""
    row = {"item": "House blend, 5 lb", "quantity": "3", "price": "42.50", "tax": "NON"}
    return {"issued": "2026-11-20", "due": "2026-12-20", **lines(row), **changes}


@pytest.fixture
def maker(client: Client, writable: Connection, company: Company) -> Iterator[Maker]:  # noqa: F811
    client.force_login(MembershipFactory(supplier=writable.supplier).user)
    with time_machine.travel(company.clock(), tick=False):
        yield Maker(client, writable, company)
