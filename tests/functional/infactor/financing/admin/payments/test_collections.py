"""Staff record payments by hand, preview them, allocate them later, and record returned ones."""

from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from infactor.financing.collections import payments
from infactor.financing.models import Advance, Collection, CollectionAllocation
from infactor.ledger import integrity
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
RECORD = "/admin/financing/collection/record/"
ARRIVAL = {
    "amount": "1200.00",
    "currency": "usd",
    "value_date": "2026-11-02",
    "bank_reference": "TRN-1",
    "payer": "Northwind",
    "remittance": "INV-1",
}


@pytest.fixture
def clerk(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
    return client


def parts(*rows: dict[str, str]) -> dict[str, str]:
    """The form fields of a payment's allocations."""
    typed = {"form-TOTAL_FORMS": "4", "form-INITIAL_FORMS": "0"}
    for number in range(4):
        row = {
            "what": "advance",
            "named": "",
            "supplier": "",
            "amount": "",
            **(rows[number] if number < len(rows) else {}),
        }
        typed |= {f"form-{number}-{name}": value for name, value in row.items()}
    return typed


def test_a_payment_is_looked_at_then_split_over_what_it_is_for(scenario: Scenario, clerk: Client) -> None:
    one = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    other = scenario.funded(scenario.invoice(scenario.buyer("B"), invoice_no="INV-2", face="300"))
    typed = {**ARRIVAL, **parts({"named": f"a{one.pk}", "amount": "1100"}, {"named": "INV-2"})}
    shown = visible_text(preview(clerk, RECORD, **typed))
    assert "Buyer's payment of a financed invoice" in shown
    assert f"Advance {one.pk}, invoice INV-1 $1,000.00 $0.00" in shown
    assert "Surplus that belongs to the supplier Larkspur Coffee Roasters" in shown
    assert f"Advance {other.pk}, invoice INV-2 $100.00 $200.00" in shown
    assert not Collection.objects.exists()
    assert preview_and_confirm(clerk, RECORD, **typed).status_code == 302
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.status, other.status) == (Advance.Status.COLLECTED, Advance.Status.FUNDED)
    assert sorted(CollectionAllocation.objects.values_list("amount", flat=True)) == [
        Decimal(100),
        Decimal(100),
        Decimal(1000),
    ]
    again = visible_text(preview_and_confirm(clerk, RECORD, **{**ARRIVAL, **parts()}))
    assert "This payment is already recorded" in again
    assert integrity.verify(at=scenario.now).ok


def test_a_payment_for_an_advance_begins_with_the_day_of_its_supplier(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    with time_machine.travel(scenario.now.replace(day=3, hour=4), tick=False):
        clerk.force_login(scenario.operations)
        page = clerk.get(f"{RECORD}?advance={advance.pk}").content.decode()
    # Four in the morning of the 3rd in UTC is the evening of the 2nd in Los Angeles.
    assert 'value="2026-11-02"' in page


@pytest.mark.parametrize("nonsense", ["x", "9" * 30, "9" * 5000])
def test_a_payment_for_nothing_that_is_there_begins_empty(clerk: Client, nonsense: str) -> None:
    assert clerk.get(f"{RECORD}?advance={nonsense}").status_code == 200


def test_a_payment_without_a_purpose_waits_and_is_matched_later(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    assert "Waits to be matched - - $1,200.00" in visible_text(preview(clerk, RECORD, **ARRIVAL, **parts()))
    assert preview_and_confirm(clerk, RECORD, **ARRIVAL, **parts()).status_code == 302
    collection = Collection.objects.get()
    address = reverse("admin:financing_collection_match", args=[collection.pk])
    assert f"A{advance.pk} INV-1" in visible_text(clerk.get(address))  # type: ignore[arg-type]
    assert "Enter what the payment is for" in visible_text(preview(clerk, address, **parts()))
    mine = parts({"named": "INV-1", "amount": "1000"}, {"what": "payable", "supplier": "larkspur coffee roasters"})
    assert "$200.00" in visible_text(preview(clerk, address, **mine))
    assert preview_and_confirm(clerk, address, **mine).status_code == 302
    assert payments.unallocated(collection=collection) == 0
    assert clerk.get(address).status_code == 302


def test_what_is_typed_wrongly_is_told_beside_it_and_records_nothing(scenario: Scenario, clerk: Client) -> None:
    scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="SAME"))
    scenario.funded(scenario.invoice(scenario.buyer("B"), invoice_no="SAME"))
    scenario.funded(scenario.invoice(scenario.buyer("C"), invoice_no="A1-euro", currency="USD"))
    for part, told in (
        ({"named": "nothing-like-it"}, "There is no advance nothing-like-it"),
        ({"named": "SAME"}, "Several advances match SAME"),
        ({"what": "payable"}, "There is no supplier called"),
        ({"what": "due", "supplier": "Nobody"}, "There is no supplier called Nobody"),
        ({"named": "A1-euro", "amount": "1300"}, "1,200.00 is left of the payment"),
        ({"named": "A1-euro", "amount": "-3"}, "greater than or equal to 0.01"),
    ):
        assert told in visible_text(preview_and_confirm(clerk, RECORD, **ARRIVAL, **parts(part))), told
    two = parts({"named": "A1-euro"}, {"what": "payable", "supplier": "Larkspur Coffee Roasters"})
    assert "Only one part can be without an amount" in visible_text(
        preview_and_confirm(clerk, RECORD, **ARRIVAL, **two)
    )
    for field, value, told in (
        ("value_date", "2026-12-24", "This day has not come yet"),
        ("currency", "dollar", "at most 3 characters"),
        ("amount", "0", "above zero"),
        ("bank_reference", "", "This field is required"),
    ):
        assert told in visible_text(preview_and_confirm(clerk, RECORD, **{**ARRIVAL, field: value}, **parts())), told
    assert not Collection.objects.exists()


def test_the_page_begins_with_what_is_open_of_an_advance(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A")))
    scenario.pay(advance, "400.00")
    page = clerk.get(f"/admin/financing/advance/{advance.pk}/pay/", follow=True).content.decode()
    assert page.count('value="600.00"') == 2
    assert f'value="A{advance.pk}"' in page
    assert clerk.get(RECORD, {"advance": "x"}).status_code == 200


def test_a_payment_is_matched_to_the_advance_that_filled_in_the_page(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A")))
    filled = parts({"named": f"A{advance.pk}", "amount": "1000.00"}) | {"form-INITIAL_FORMS": "1"}
    address = f"{RECORD}?advance={advance.pk}"
    assert preview_and_confirm(clerk, address, **{**ARRIVAL, "amount": "1000.00"}, **filled).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.COLLECTED


def test_a_payment_taken_back_by_the_bank_opens_its_advance_again(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A")))
    collection = scenario.pay(advance, "1000.00")
    address = reverse("admin:financing_collection_return", args=[collection.pk])
    assert "$1,000.00" in visible_text(clerk.get(address))  # type: ignore[arg-type]
    assert confirm(clerk, address, value_date="2026-11-02", reason="No cover").status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED
    page = clerk.get(reverse("admin:financing_collection_change", args=[collection.pk])).content.decode()
    assert "No cover" in page
    assert address not in page


def test_a_return_recorded_on_the_wrong_payment_is_taken_back_on_its_page(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A")))
    collection = scenario.pay(advance, "1000.00")
    address = reverse("admin:financing_collection_not_returned", args=[collection.pk])
    assert clerk.get(address).status_code == 302  # nothing was returned
    returned = reverse("admin:financing_collection_return", args=[collection.pk])
    assert confirm(clerk, returned, value_date="2026-11-02", reason="No cover").status_code == 302
    page = clerk.get(reverse("admin:financing_collection_change", args=[collection.pk])).content.decode()
    assert address in page
    assert "recorded" in visible_text(preview(clerk, address, reason="The bank took back another one"))
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED  # a preview writes nothing
    answer = preview_and_confirm(clerk, address, reason="The bank took back another one")
    assert answer.status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.COLLECTED
    assert clerk.get(address).status_code == 302
    page = clerk.get(reverse("admin:financing_collection_change", args=[collection.pk])).content.decode()
    assert "Return of a payment taken back" in page


def test_a_payment_that_looks_like_another_is_recorded_when_a_person_says_so(scenario: Scenario, clerk: Client) -> None:
    scenario.pay(None, "1200.00", bank_reference="trn 1")
    typed = {**ARRIVAL, "value_date": "2026-11-01", **parts()}
    assert "It looks like payment" in visible_text(preview(clerk, RECORD, **typed))
    assert preview_and_confirm(clerk, RECORD, **{**typed, "is_another": "on"}).status_code == 302
    assert Collection.objects.count() == 2
