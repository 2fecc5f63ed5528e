"""The supplier reads what has changed on a funded invoice, and says with one click that it forwards a payment."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.models import Advance, Case
from infactor.financing.watch import watching
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def books(scenario: Scenario) -> SupplierBooks:
    return SupplierBooks(scenario)


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    return scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="W-1"))


def watch(scenario: Scenario) -> Case:
    watching.watch(supplier_id=scenario.supplier.pk, at=scenario.now)
    return Case.objects.get()


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_home_and_invoice_say_what_has_changed(
    client: Client, scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.edit(advance.invoice, currency="EUR")
    watch(scenario)
    client.force_login(scenario.owner)
    assert "Invoice W-1 has changed in your books since we bought it." in page(client, reverse("dashboard:home"))
    shown = page(client, reverse("dashboard:invoice", args=[advance.invoice.public_id]))
    assert "Currency: <bdi>USD</bdi> when we bought it, now <bdi>EUR</bdi>" in shown
    assert "We are holding the reserve, and we will make no new offers until this is resolved." in shown


def test_one_click_says_that_the_payment_is_forwarded(
    client: Client, scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.pay(advance.invoice, amount="1000")
    case = watch(scenario)
    client.force_login(scenario.owner)
    address = reverse("dashboard:invoice", args=[advance.invoice.public_id])
    assert "Did your buyer pay you for invoice W-1?" in page(client, reverse("dashboard:home"))
    assert "I will forward it" in page(client, address)
    answer = client.post(reverse("dashboard:forward_payment", args=[case.public_id]))
    assert answer["Location"] == address
    shown = page(client, address)
    assert "You said that you would forward this payment." in shown
    assert "I will forward it" not in shown
    assert "Forward the payment for invoice W-1." in page(client, reverse("dashboard:home"))


def test_another_supplier_finds_no_such_payment(
    client: Client, scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.pay(advance.invoice, amount="1000")
    case = watch(scenario)
    client.force_login(build_scenario(name="Other").owner)
    assert client.post(reverse("dashboard:forward_payment", args=[case.public_id])).status_code == 404
    case.refresh_from_db()
    assert case.promised_at is None


def test_staff_see_the_differences_in_their_queue_on_the_case_and_on_the_advance(
    client: Client, scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.edit(advance.invoice, currency="EUR")
    case = watch(scenario)
    client.force_login(scenario.operations)
    assert "Changes after funding" in page(client, reverse("admin:index"))
    shown = page(client, reverse("admin:financing_case_change", args=[case.pk]))
    assert "The reserve, and new offers and payouts to this supplier" in shown
    assert "Differences" in shown
    assert "What was bought" in page(client, reverse("admin:financing_advance_change", args=[advance.pk]))
