"""While a buyer must pay infactor, its invoice in the supplier's books says so; then the text is taken out again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.financing.models import Advance
from infactor.financing.notices import releases
from infactor.invoices.models import Invoice
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import pay_to
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.functional.quickbooks_app.sync.conftest import Company
from tests.support.factories.quickbooks import owner_of
from tests.support.factories.suppliers import MembershipFactory, UserFactory
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.notices import notice_of

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def known(company: Company, writable: Connection) -> dict[str, Any]:
    """An invoice in the books with a message of the supplier's own, which infactor has read."""
    invoice = company.all("Invoice")[0]
    edited = company.edit("Invoice", invoice["Id"], CustomerMemo={"value": "Thank you"})
    refetch.refetch_objects(connection=writable, entity="Invoice", ids=[edited["Id"]], now=company.clock)
    return edited


@pytest.fixture
def advance(known: dict[str, Any], writable: Connection) -> Advance:
    """An advance that was paid out for that invoice, after the supplier allowed writes."""
    Connection.objects.update(writes_allowed_at=BEFORE)
    scenario = build_scenario()
    scenario.terms()
    bought = scenario.funded(scenario.invoice(scenario.buyer()))
    Invoice.objects.filter(qbk_invoice_id=known["Id"]).delete()
    Invoice.objects.filter(pk=bought.invoice_id).update(company_file=writable.company_file, qbk_invoice_id=known["Id"])
    return bought


def memo(company: Company, known: dict[str, Any]) -> str:
    return str(company.read("Invoice", known["Id"]).get("CustomerMemo", {}).get("value", ""))


def test_the_text_stands_below_the_suppliers_own_once_and_goes_with_the_notice(
    company: Company, known: dict[str, Any], advance: Advance
) -> None:
    pay_to.request_due(at=company.clock())
    work(company)
    text = pay_to.text_of(notice_of(advance).facts["pay_to"])
    assert "IF-" in text
    assert memo(company, known) == f"Thank you\n\n{text}"
    assert pay_to.request_due(at=company.clock()) == [], "it stands there already"
    releases.release(advance=advance, reason="repurchased", by=None, at=company.clock())
    pay_to.request_due(at=company.clock())
    work(company)
    assert memo(company, known) == "Thank you"
    assert pay_to.request_due(at=company.clock()) == []
    assert {push.state for push in Push.objects.all()} == {"done"}


def test_what_the_supplier_writes_meanwhile_is_not_overwritten(
    company: Company, known: dict[str, Any], advance: Advance
) -> None:
    pay_to.request_due(at=company.clock())
    company.edit("Invoice", known["Id"], CustomerMemo={"value": "Please quote your order"})
    work(company)
    push = Push.objects.get()
    assert push.state == "failed"
    assert "Somebody has changed the same in QuickBooks" in push.error
    assert memo(company, known) == "Please quote your order"


def test_nothing_is_written_for_what_was_bought_before_or_without_the_suppliers_word(
    company: Company, advance: Advance
) -> None:
    Connection.objects.update(writes_allowed_at=company.clock() + timedelta(days=1))
    assert pay_to.request_due(at=company.clock()) == []
    Connection.objects.update(writes_allowed_at=None)
    assert pay_to.request_due(at=company.clock()) == []


def test_an_owner_allows_and_stops_it_and_sees_what_was_written(
    client: Client, company: Company, imported: Connection
) -> None:
    owner = owner_of(imported)
    client.force_login(owner)
    page = f"/quickbook/{imported.public_id}/writes"
    assert "writes nothing unless you allow it" in client.get(page).content.decode()
    client.post(f"{page}/allow")
    Push.objects.create(
        connection=imported, entity="Invoice", operation="update", qbk_id="7", requested_at=company.clock()
    )
    shown = client.get(page).content.decode()
    assert "Change Invoice 7" in shown
    client.post(f"{page}/stop")
    assert Connection.objects.get().writes_allowed_at is None
    events = AuditEvent.objects.filter(event__startswith="quickbooks.writes").order_by("pk")
    assert [(event.event, event.actor) for event in events] == [
        ("quickbooks.writes_allowed", owner),
        ("quickbooks.writes_stopped", owner),
    ]


def test_only_an_owner_of_this_supplier_allows_it(client: Client, imported: Connection) -> None:
    page = f"/quickbook/{imported.public_id}/writes"
    client.force_login(MembershipFactory(supplier=imported.supplier, role="finance").user)
    assert client.get(page).status_code == 200
    assert client.post(f"{page}/allow").status_code == 403
    client.force_login(MembershipFactory(user=UserFactory()).user)
    assert client.get(page).status_code == 404
    assert client.post(f"{page}/allow").status_code == 404
    assert Connection.objects.get().writes_allowed_at is None
