"""Staff record payments by hand and by file, preview them, allocate them later, and record returned ones."""

import base64
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from infactor.financing.admin.payments import file_import
from infactor.financing.collections import payments
from infactor.financing.models import Advance, Collection, CollectionAllocation
from infactor.ledger import integrity
from tests.support.admin_client import PREVIEW_TOKEN, confirm, preview, preview_and_confirm, visible_text
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
RECORD = "/admin/financing/collection/record/"
IMPORT = "/admin/financing/collection/import/"
ARRIVAL = {
    "amount": "1200.00",
    "currency": "usd",
    "value_date": "2026-11-02",
    "bank_reference": "TRN-1",
    "payer": "Northwind",
    "remittance": "INV-1",
}
HEAD = "value_date,amount,currency,bank_reference,payer,remittance,advance,supplier"


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


def upload(client: Client, *lines: str, head: str = HEAD) -> HttpResponse:
    file = SimpleUploadedFile("payments.csv", "\n".join([head, *lines]).encode(), content_type="text/csv")
    return client.post(IMPORT, {"file": file})  # type: ignore[return-value]


def confirm_file(client: Client, looked: HttpResponse) -> HttpResponse:
    page = looked.content.decode()
    kept, seen = page.split('name="content" value="')[1].split('"')[0], PREVIEW_TOKEN.search(page)
    return client.post(IMPORT, {"content": kept, "preview_token": seen[1] if seen else ""}, follow=True)  # type: ignore[return-value]


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


def test_a_file_is_looked_at_then_each_new_payment_is_recorded_once(scenario: Scenario, clerk: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    scenario.pay(None, "7.00", bank_reference="T-OLD")
    lines = (
        "2026-11-02,1000.00,USD,T-1,Northwind,INV-1,INV-1,Larkspur Coffee Roasters",
        "2026-11-02,5.00,EUR,T-2,<script>alert(1)</script>,,,",
        "2026-11-02,7.00,USD,T-OLD,,,,",
        "2026-11-02,9.00,USD,T-3,,,NO-SUCH,",
        "2026-11-02,9.00,EUR,T-4,,,INV-1,",
        "2026-12-24,9.00,USD,T-5,,,,",
        "soon,9.00,USD,T-6,,,,",
    )
    looked = upload(clerk, *lines)
    shown = visible_text(looked)
    assert "<script>alert(1)" not in looked.content.decode()
    assert "Record 2 payments" in shown
    assert f"Advance {advance.pk}, Larkspur Coffee Roasters" in shown
    assert "5 There is no advance NO-SUCH" in shown
    assert f"6 Advance A{advance.pk} is in USD, the payment in EUR" in shown
    assert "7 This day has not come yet" in shown
    assert "8 value_date is written like" in shown
    assert Collection.objects.count() == 1
    done = visible_text(confirm_file(clerk, looked))
    assert "2 payment(s) recorded." in done
    advance.refresh_from_db()
    assert advance.status == Advance.Status.COLLECTED
    assert Collection.objects.filter(source=Collection.Source.CSV).count() == 2
    again = upload(clerk, *lines)
    assert 'name="preview_token"' in again.content.decode()
    assert "Record" not in visible_text(again).split("Each payment is recorded by itself.")[1]
    assert "0 payment(s) recorded." in visible_text(confirm_file(clerk, again))
    assert Collection.objects.count() == 3
    assert integrity.verify(at=scenario.now).ok


def test_a_long_file_is_recorded_in_parts(scenario: Scenario, clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_import, "BATCH_SIZE", 2)
    looked = upload(clerk, *(f"2026-11-02,{number}.00,USD,T-{number},,,," for number in range(1, 4)))
    assert "1 more follow in the next step" in visible_text(looked)
    looked = confirm_file(clerk, looked)
    assert "2 payment(s) recorded." in visible_text(looked)
    assert "Record 1 payment" in visible_text(looked)
    confirm_file(clerk, looked)
    assert Collection.objects.count() == 3


def test_a_file_that_changed_its_meaning_meanwhile_is_shown_anew(scenario: Scenario, clerk: Client) -> None:
    looked = upload(clerk, "2026-11-02,5.00,USD,T-1,,,,", "2026-11-02,6.00,USD,T-2,,,,")
    scenario.arrive("5.00", targets=[], bank_reference="T-1")
    page = visible_text(confirm_file(clerk, looked))
    assert "have changed since you opened this page" in page
    assert "Record 1 payment" in page
    assert Collection.objects.count() == 1


def test_what_is_no_file_of_payments_is_refused_with_the_reason(scenario: Scenario, clerk: Client) -> None:
    assert "Missing: currency, bank_reference" in visible_text(upload(clerk, head="value_date,amount"))
    assert "This field is required" in visible_text(clerk.post(IMPORT, {}))  # type: ignore[arg-type]
    assert "empty" in visible_text(clerk.post(IMPORT, {"file": SimpleUploadedFile("x.csv", b"")}))  # type: ignore[arg-type]
    assert "damaged on its way" in visible_text(clerk.post(IMPORT, {"content": "%%%"}))  # type: ignore[arg-type]
    big = SimpleUploadedFile("x.csv", b"x" * 1_000_001)
    assert "larger than 1 MB" in visible_text(clerk.post(IMPORT, {"file": big}))  # type: ignore[arg-type]
    sheet = SimpleUploadedFile("payments.xlsx", HEAD.encode())
    assert "“xlsx” is not allowed" in visible_text(clerk.post(IMPORT, {"file": sheet}))  # type: ignore[arg-type]
    kept = base64.b64encode(b"\xff\xfe\xff").decode()
    assert "UTF-8" in visible_text(clerk.post(IMPORT, {"content": kept}))  # type: ignore[arg-type]


def test_a_file_to_start_from_can_be_downloaded(scenario: Scenario, clerk: Client) -> None:
    answer = clerk.get(f"{IMPORT}template.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="payments.csv"'
    assert answer.content.decode().startswith("value_date,amount,currency,bank_reference,payer")
