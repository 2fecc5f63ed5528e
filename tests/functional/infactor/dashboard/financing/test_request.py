"""Suppliers see what they can finance and its price, and a request for financing is made once."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from infactor.core.dates import format_day
from infactor.financing.eligibility import recalculation
from infactor.financing.models import MAX_INVOICES_PER_REQUEST, FinancingRequest, Offer, RequestLine
from infactor.financing.origination import offers
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import applications
from infactor.suppliers.models import Application
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db
LIST, ASK = "/invoices/", "/financing/request/"


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(now=timezone.now())
        scenario.terms(verify_threshold=Decimal(5000))
        return scenario

    return build


@pytest.fixture
def scenario(scenario: Scenario, client: Client) -> Scenario:
    """The scenario as of now; its owner is signed in."""
    client.force_login(scenario.owner)
    return scenario


def evaluated(scenario: Scenario, *invoices: Invoice) -> tuple[Invoice, ...]:
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    return invoices


def three(scenario: Scenario) -> tuple[Invoice, ...]:
    """Three invoices: eligible, needs action, and ineligible."""
    buyer = scenario.buyer()
    soon = scenario.today + timedelta(days=2)
    return evaluated(
        scenario,
        scenario.invoice(buyer, face="1000", invoice_no="READY"),
        scenario.invoice(buyer, face="9000", invoice_no="STEP"),
        scenario.invoice(buyer, face="1000", invoice_no="SOON", payable_date=soon),
    )


def page_of(client: Client, address: str, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_list_says_of_each_invoice_whether_it_can_be_financed(client: Client, scenario: Scenario) -> None:
    ready, to_confirm, *_ = three(scenario)
    page = page_of(client, LIST)
    for said in (
        "Eligible",
        "$850.00 now",
        "Action needed",
        "After your buyer confirms",
        "Not eligible",
        "Due too soon",
    ):
        assert said in page
    assert page.count('type="checkbox" id="select-') == 2  # one to finance, one to ask its buyer about
    assert f'value="{ready.public_id}"' in page
    assert f'value="{to_confirm.public_id}"' in page


@pytest.mark.parametrize(("asked", "number"), [("eligible", "READY"), ("needs_action", "STEP"), ("ineligible", "SOON")])
def test_the_list_is_narrowed_to_what_can_be_financed(
    client: Client, scenario: Scenario, asked: str, number: str
) -> None:
    three(scenario)
    response = client.get(LIST, {"financing": asked, "q": number})
    assert [row["number"] for row in response.context["rows"]] == [number]
    assert f"financing={asked}" in response.context["csv_url"]
    response = client.get(LIST, {"financing": asked})
    assert number in [row["number"] for row in response.context["rows"]]
    statuses = {re.sub(r"<span class=.status-reason.*", "", row["status"]) for row in response.context["rows"]}
    assert len([one for one in statuses if ">Paid<" not in one]) == 1


def test_an_invoice_that_was_not_judged_yet_says_so(client: Client, scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer(paid=0))
    assert "Being checked" in page_of(client, LIST)
    assert "Reload the page in a minute" in page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))


def test_the_list_takes_few_queries_however_many_can_be_financed(
    client: Client, scenario: Scenario, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    buyer = scenario.buyer()
    evaluated(scenario, *(scenario.invoice(buyer) for _ in range(30)))
    Invoice.objects.filter(state=State.CREATED)[:1].get()
    with django_assert_max_num_queries(6):
        client.get(LIST)


def test_the_file_says_what_can_be_financed(client: Client, scenario: Scenario) -> None:
    three(scenario)
    response = client.get("/invoices.csv")
    content = b"".join(response).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = {row["Invoice number"]: row for row in csv.DictReader(io.StringIO(content))}
    assert (rows["READY"]["Financing"], rows["READY"]["Cash now"]) == ("Can be financed", "850.00")
    assert (rows["SOON"]["Financing"], rows["SOON"]["Cash now"]) == ("Not eligible: due too soon", "")


def test_an_invoice_says_every_rule_the_way_to_its_base_and_its_price(client: Client, scenario: Scenario) -> None:
    (invoice,) = evaluated(scenario, scenario.invoice(scenario.buyer(), face="1100", tax="100"))
    page = page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))
    assert f"You can finance it until {format_day(scenario.today + timedelta(days=33))}." in page
    assert "Due in 40 days. We buy invoices due in 7 days or more." in page
    assert "less: Sales tax" in page
    for amount in ("$1,100.00", "$100.00", "$1,000.00", "$850.00", "$16.50", "$233.50"):
        assert amount in page
    assert f"{ASK}?invoice={invoice.public_id}" in page


def test_an_invoice_that_cannot_be_financed_says_why_first(client: Client, scenario: Scenario) -> None:
    *_, soon = three(scenario)
    page = page_of(client, reverse("dashboard:invoice", args=[soon.public_id]))
    assert "Due in 2 days. We buy invoices due in 7 days or more." in page
    assert page.count("Not met") == 1
    assert f"{ASK}?invoice" not in page


def test_the_price_stands_before_anything_is_asked(client: Client, scenario: Scenario) -> None:
    ready, step, soon = three(scenario)
    page = page_of(client, ASK, invoice=[str(one.public_id) for one in (ready, step, soon)])
    for said in ("1 invoice in USD", "$850.00", "$15.00", "$135.00", "Past recourse", "Not eligible now"):
        assert said in page
    assert page.count('type="hidden" name="invoice"') == 1
    assert not FinancingRequest.objects.exists()


def test_asking_twice_with_the_same_form_asks_once(client: Client, scenario: Scenario) -> None:
    ready, *_ = three(scenario)
    sent = {"invoice": [str(ready.public_id)]}
    first = client.post(ASK, sent)
    (request,) = FinancingRequest.objects.all()
    assert first["Location"] == reverse("dashboard:financing_request", args=[request.public_id])
    second = client.post(ASK, sent, follow=True)
    assert second.redirect_chain[-1][0] == first["Location"]
    assert "You have already requested financing for these invoices." in second.content.decode()
    assert RequestLine.objects.count() == 1


def test_an_invoice_of_a_day_to_come_is_not_called_old(client: Client, scenario: Scenario) -> None:
    ahead = {"txn_date": scenario.today + timedelta(days=1), "payable_date": scenario.today + timedelta(days=40)}
    (invoice,) = evaluated(scenario, scenario.invoice(scenario.buyer(), **ahead))  # type: ignore[arg-type]
    assert "Dated ahead" in page_of(client, LIST)
    page = page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))
    assert "It is dated 1 day ahead. We buy invoices from their own date on." in page


def test_what_was_declined_and_cannot_be_asked_for_anew_says_why(client: Client, scenario: Scenario) -> None:
    (invoice,) = evaluated(scenario, scenario.invoice(scenario.buyer()))
    offers.decline(offer=scenario.offer(invoice), by=scenario.owner, at=scenario.now)
    Invoice.objects.filter(pk=invoice.pk).update(payable_date=scenario.today)
    response = client.post(ASK, {"invoice": [str(invoice.public_id)]})
    assert response.status_code == 409
    assert "Due today" in response.content.decode()


def test_where_the_house_prices_by_itself_the_offer_comes_at_once(client: Client, scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(5000))
    (invoice,) = evaluated(scenario, scenario.invoice(scenario.buyer()))
    response = client.post(ASK, {"invoice": [str(invoice.public_id)]})
    assert response["Location"] == reverse("dashboard:offer", args=[Offer.objects.get().public_id])


def test_what_cannot_be_asked_for_is_told_and_nothing_is_written(client: Client, scenario: Scenario) -> None:
    *_, soon = three(scenario)
    response = client.post(ASK, {"invoice": [str(soon.public_id)]})
    assert response.status_code == 409
    assert "Invoice SOON: Due in 2 days" in response.content.decode()
    assert client.post(ASK, {}).status_code == 400
    assert client.post(ASK, {"invoice": ["no-id"]}).status_code == 400
    assert not FinancingRequest.objects.exists()


def test_an_amount_finds_the_cheapest_invoices_and_says_why(client: Client, scenario: Scenario) -> None:
    buyer = scenario.buyer()
    sooner = scenario.today + timedelta(days=20)
    evaluated(
        scenario,
        scenario.invoice(buyer, invoice_no="SOONER", payable_date=sooner),
        scenario.invoice(buyer, invoice_no="LATER"),
    )
    page = page_of(client, ASK, amount="800", currency="USD")
    assert "at the lowest cost" in page
    assert page.index("SOONER") < page.index("Our pick</span>") < page.index("LATER") < page.index("Not needed</span>")
    (form,) = re.findall(r'<form method="post" action="/financing/request/">.*?</form>', page, re.DOTALL)
    client.post(ASK, dict(re.findall(r'name="(invoice|requested_amount)" value="([^"]+)"', form)))
    request = FinancingRequest.objects.get()
    assert (request.requested_amount, request.selection_rationale["is_cheapest"]) == (Decimal(800), True)
    page = page_of(client, reverse("dashboard:financing_request", args=[request.public_id]))
    assert "at the lowest cost" in page
    assert 'Amount requested: <bdi class="money">$800.00</bdi>.' in page
    assert "for a fee of" not in page.split("Why these invoices")[0]


def test_who_chose_nothing_is_told(client: Client, scenario: Scenario) -> None:
    evaluated(scenario, scenario.invoice(scenario.buyer()))
    assert "Select at least one invoice." in client.post(ASK, {"chosen": "yes"}).content.decode()


def test_as_many_invoices_as_a_request_may_have_are_chosen_in_the_list(client: Client, scenario: Scenario) -> None:
    (one,) = evaluated(scenario, scenario.invoice(scenario.buyer()))
    assert f'<form method="post" action="{ASK}"' in page_of(client, LIST)
    fields = {field.attname: getattr(one, field.attname) for field in Invoice._meta.concrete_fields}
    own = ({"id": None, "public_id": uuid4(), "qbk_invoice_id": f"many-{n}"} for n in range(MAX_INVOICES_PER_REQUEST))
    many = Invoice.objects.bulk_create(Invoice(**fields | ids) for ids in own)
    page = client.post(ASK, {"invoice": [str(found.public_id) for found in many], "chosen": "yes"}).content.decode()
    assert page.count("we are still checking this invoice") == MAX_INVOICES_PER_REQUEST
    assert not FinancingRequest.objects.exists()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("851", "Request $850.00"),
        ("-1", "Enter an amount above zero"),
        ("much", "Enter an amount, for example 1,250.00"),
        ("$8,510.00", "This is more than we can finance now"),
        ("", "Enter an amount."),
    ],
)
def test_an_amount_that_cannot_be_had_is_answered(client: Client, scenario: Scenario, amount: str, said: str) -> None:
    evaluated(scenario, scenario.invoice(scenario.buyer()))
    assert said in page_of(client, ASK, amount=amount, currency="USD")


def test_without_an_approved_company_the_price_is_shown_and_what_comes_first(
    client: Client, scenario: Scenario
) -> None:
    ready, *_ = three(scenario)
    applications.hold(
        application=Application.objects.get(),
        by=scenario.underwriter,
        reason="The bank sent a letter.",
        at=scenario.now,
    )
    page = page_of(client, ASK, invoice=str(ready.public_id))
    assert "Your application is on hold." in page
    assert "Request $850.00" not in page


def test_a_request_is_withdrawn_as_long_as_it_waits(client: Client, scenario: Scenario) -> None:
    (invoice,) = evaluated(scenario, scenario.invoice(scenario.buyer()))
    request = scenario.request(invoice)
    address = reverse("dashboard:financing_request_withdraw", args=[request.public_id])
    client.post(address, {"invoice": str(invoice.public_id)})
    invoice.refresh_from_db()
    assert invoice.state == State.CREATED
    page = client.post(address, {"invoice": str(invoice.public_id)}, follow=True).content.decode()
    assert "This has changed in the meantime" in page
    history = page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))
    assert history.index("Request withdrawn") < history.index("Financing requested")
