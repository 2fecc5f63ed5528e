"""A supplier makes a buyer, an invoice and a payment here; each is in QuickBooks once, and here at once."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from infactor.invoices.models import Buyer, Invoice
from quickbooks_app.admin.pushes import AskAgainView
from quickbooks_app.models import ApiCall, Push
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync.refetch import refetch_objects
from tests.functional.quickbooks_app.making.conftest import DIGEST, Maker, entered
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.support.admin_client import visible_text

pytestmark = pytest.mark.django_db
VERSION = re.compile(r'name="version" value="([^"]*)"')


def version_in(maker: Maker, address: str) -> str:
    """The version of the invoice that a page of change was made from."""
    found = VERSION.search(maker.client.get(address).content.decode())
    return found[1] if found else ""


def test_an_invoice_is_previewed_written_and_here_without_a_read(maker: Maker) -> None:
    address = maker.invoice()
    typed = entered(message="Thank you", email="ap@buyer.example", number="Q-7")
    shown = visible_text(maker.preview(address, **typed))
    assert "Q-7" in shown
    assert "$127.50" in shown
    assert "CustomerMemo.value Thank you" in shown
    assert not Push.objects.exists()
    reads = ApiCall.objects.filter(operation__in=["read", "query", "changes"]).count()
    push = maker.made(address, **typed)
    assert ApiCall.objects.filter(operation__in=["read", "query", "changes"]).count() == reads
    invoice = Invoice.objects.get(qbk_invoice_id=push.qbk_id)
    assert (invoice.invoice_no, invoice.invoice_amount, invoice.balance) == (
        "Q-7",
        Decimal("127.50"),
        Decimal("127.50"),
    )
    written = maker.company.read("Invoice", push.qbk_id)
    assert written["CustomerMemo"] == {"value": "Thank you"}
    assert written["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    result = maker.text(maker.page(push))
    assert "In QuickBooks" in result
    assert "Open the invoice" in result
    assert "Q-7" in maker.text(maker.address("made"))


def test_a_double_click_a_second_tab_and_a_retry_make_one_invoice(maker: Maker) -> None:
    address, typed = maker.invoice(), entered()
    found = DIGEST.search(maker.preview(address, **typed).content.decode())
    assert found is not None
    answers = [maker.confirm(address, digest=found[1], **typed)["Location"] for _ in range(2)]
    before = len(maker.company.all("Invoice"))
    maker.company.faults.switch_on(Fault(kind="answer_lost", remaining=1))
    work(maker.company, hours=1)
    answers.append(maker.confirm(address, digest=found[1], **typed)["Location"])
    assert len(set(answers)) == 1
    assert len(maker.company.all("Invoice")) == before + 1
    assert Push.objects.count() == 1


def test_what_failed_is_tried_again_in_its_own_row_and_writes_nothing_twice(maker: Maker) -> None:
    before = len(maker.company.all("Invoice"))
    maker.make(maker.invoice(), **entered())
    maker.company.faults.switch_on(Fault(kind="answer_lost", remaining=None))
    work(maker.company, hours=24)
    push = Push.objects.get()
    assert push.state == "failed"
    assert "Nothing is written twice" in maker.text(maker.page(push))
    assert not AskAgainView.is_possible(push), "staff's pushes have a new key"
    maker.company.faults.clear()
    assert maker.client.post(maker.page(push, "/again")).status_code == 302
    work(maker.company)
    push.refresh_from_db()
    assert push.state == "done"
    assert len(maker.company.all("Invoice")) == before + 1


def test_a_changed_confirmation_is_shown_once_more(maker: Maker) -> None:
    address = maker.invoice()
    found = DIGEST.search(maker.preview(address, **entered()).content.decode())
    assert found is not None
    answer = maker.confirm(address, digest=found[1], **entered(message="Something else"))
    assert "Please look once more" in visible_text(answer)
    assert not Push.objects.exists()


def test_a_taxed_line_is_taxed_as_the_company_taxes(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered(**{"lines-0-tax": "TAX", "tax_code": "2"}))
    assert Invoice.objects.get(qbk_invoice_id=push.qbk_id).tax_amount == Decimal("10.20")


def test_a_new_buyer_is_a_customer_and_gets_an_invoice(maker: Maker) -> None:
    typed = {"name": "Quay & Sons", "email": "ap@quay.example", "street": "1 Harbour St", "country": "US"}
    push = maker.made(maker.address("make/buyer"), **typed, currency="USD")
    buyer = Buyer.objects.get(reference=push.qbk_id)
    assert (buyer.name, buyer.email, buyer.address) == ("Quay & Sons", "ap@quay.example", "1 Harbour St, United States")
    assert str(buyer.public_id) in maker.client.get(maker.page(push)).content.decode()
    found = maker.text(maker.address("make/invoice?q=quay"))
    assert "Quay &amp; Sons" in found
    invoice = maker.made(maker.invoice(buyer), **entered())
    assert Invoice.objects.get(qbk_invoice_id=invoice.qbk_id).buyer == buyer


def test_a_payment_is_recorded_and_voided(maker: Maker) -> None:
    made = maker.made(maker.invoice(), **entered())
    invoice = Invoice.objects.get(qbk_invoice_id=made.qbk_id)
    address = maker.address(f"make/payment?invoice={invoice.public_id}")
    assert "$27.50" in visible_text(maker.preview(address, amount="100", paid="2026-11-20"))
    payment = maker.made(address, amount="100", paid="2026-11-20", reference="check 7")
    assert maker.company.read("Invoice", made.qbk_id)["Balance"] == 27.5
    answer = maker.end(payment, "void")
    work(maker.company)
    assert maker.company.read("Invoice", made.qbk_id)["Balance"] == 127.5
    voiding = maker.text(answer["Location"])
    assert f"Void payment {invoice.invoice_no or 'without a number'}" in voiding
    assert "Field by field" not in voiding, "a void sends no field"
    assert "Voided" in maker.text(maker.page(payment))


def test_an_invoice_is_changed_sparsely(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered(message="Thank you"))
    maker.company.edit("Invoice", push.qbk_id, PrivateNote="ours alone")
    address = maker.page(push, "/change")
    assert 'value="House Blend, 5 lb"' in maker.client.get(address).content.decode()
    was = maker.company.read("Invoice", push.qbk_id)
    line_id = was["Line"][0]["Id"]
    typed = entered(
        **{"lines-0-quantity": "5", "lines-0-line_id": line_id},
        version=version_in(maker, address),
        message="Thank you",
        number=was["DocNumber"],
        term=was.get("SalesTermRef", {}).get("value", ""),
    )
    maker.made(address, **typed)
    now = maker.company.read("Invoice", push.qbk_id)
    assert (now["TotalAmt"], now["PrivateNote"], now["CustomerMemo"]["value"]) == (212.5, "ours alone", "Thank you")
    assert [line["Id"] for line in now["Line"] if "Id" in line] == [line_id]
    change = Push.objects.filter(operation="update").get()
    assert '"CustomerMemo"' not in change.fields
    assert Invoice.objects.get(qbk_invoice_id=push.qbk_id).invoice_amount == Decimal("212.50")
    typed["version"] = version_in(maker, address)
    assert "Nothing would change" in visible_text(maker.preview(address, **typed))


def test_a_page_from_before_a_change_in_quickbooks_does_not_take_it_back(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered())
    address = maker.page(push, "/change")
    typed = entered(message="Thank you", version=version_in(maker, address))
    before = maker.preview(address, **typed).content.decode()
    maker.company.edit("Invoice", push.qbk_id, DueDate="2027-01-05")
    refetch_objects(connection=maker.connection, entity="Invoice", ids=[push.qbk_id], now=maker.company.clock)
    for answer in (
        maker.preview(address, **typed),
        maker.confirm(address, digest=DIGEST.search(before)[1], **typed),  # type: ignore[index]
    ):
        assert "has changed in QuickBooks since you opened this page" in visible_text(answer)
        assert 'value="2027-01-05"' in answer.content.decode()
    assert not Push.objects.filter(operation="update").exists()


def test_a_void_that_met_a_change_in_quickbooks_can_be_asked_for_again(maker: Maker) -> None:
    first = maker.made(maker.invoice(), **entered())
    maker.company.edit("Invoice", first.qbk_id, PrivateNote="Sent by post")
    for state in ("failed", "done"):
        maker.end(first, "void")
        work(maker.company)
        assert Push.objects.filter(operation="void").latest("pk").state == state
    assert maker.company.read("Invoice", first.qbk_id)["TotalAmt"] == 0


def test_the_list_of_what_was_made_takes_as_many_queries_for_six_as_for_two(
    maker: Maker, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2):
        maker.made(maker.invoice(), **entered(number=f"Q-{number}"))
    with CaptureQueriesContext(connection) as captured:
        maker.text(maker.address("made"))
    few = len(captured)
    for number in range(2, 5):
        maker.made(maker.invoice(), **entered(number=f"Q-{number}"))
    maker.made(maker.address("make/buyer"), name="Quay", currency="USD")
    with django_assert_num_queries(few):
        shown = maker.text(maker.address("made"))
    assert "Q-4" in shown
    assert "Quay" in shown


@pytest.mark.parametrize(("operation", "outcome"), [("void", "Voided"), ("delete", "Deleted")])
def test_an_invoice_is_ended_and_the_same_may_be_made_again(maker: Maker, operation: str, outcome: str) -> None:
    first = maker.made(maker.invoice(), **entered())
    assert outcome[:4] in maker.text(maker.page(first, f"/end?operation={operation}"))
    for _ in range(2):
        maker.end(first, operation)
    work(maker.company)
    assert Push.objects.filter(operation=operation).count() == 1
    assert outcome in maker.text(maker.page(first))
    second = maker.made(maker.invoice(), **entered())
    assert second.qbk_id not in ("", first.qbk_id)
