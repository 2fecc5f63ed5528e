"""Home, the financing page and the statement show a supplier's advances, costs and movements, and nobody else's."""

import csv
import io
import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from infactor.core.models import AuditEvent
from infactor.financing.accounting.statement import statements
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, FinancingRequest, Offer
from infactor.financing.origination import offers
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.ledger.models import Transaction
from infactor.suppliers import applications
from infactor.users import roles
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import onboarding
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.lifecycle import Lifecycle

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe'
pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_home_says_what_is_available_out_waiting_and_next(client: Client, lifecycle: Lifecycle) -> None:
    page = page_of(client, "/")
    for said in (
        "Available to you now",
        "$2,932.50",
        "after your buyer confirms",
        "Outstanding",
        "$10,965.00",
        "You have an offer of $3,400.00.",
        "disputed invoice INV-9011.",
        "Repurchase due if unpaid",
        "Offer expires",
    ):
        assert said in page, said
    assert "Start your application" not in page


def test_home_of_a_newcomer_has_one_sentence_and_one_action(client: Client) -> None:
    client.force_login(MembershipFactory().user)
    page = page_of(client, "/")
    assert page.count("Start your application") == 1
    assert 'id="tasks-title"' not in page
    assert 'id="advances-title"' not in page


def test_home_of_who_has_applied_says_how_that_stands(client: Client) -> None:
    application = onboarding.applied(MembershipFactory().supplier)
    client.force_login(application.supplier.members.get())
    assert "We are checking your company." in page_of(client, "/")
    by = onboarding.staff_member(roles.UNDERWRITER)
    applications.hold(application=application, by=by, reason="We need the bank's letter.", at=timezone.now())
    assert "Your application is on hold." in page_of(client, "/")
    applications.refuse(application=application, by=by, reason="The letter never came.", at=timezone.now())
    assert "Your application was refused." in page_of(client, "/")
    assert "Start your application" not in page_of(client, "/")


def test_financing_shows_each_kind_of_thing_with_its_costs(client: Client, lifecycle: Lifecycle) -> None:
    page = page_of(client, "/financing/")
    for said in (
        "Offers to review",
        "Requests in review",
        "Accepted, payout pending",
        " more on ",
        "Expected payments",
        "Overdue since",
        " received for you.",
        "Settled",
        "Expired",
    ):
        assert said in page, said


def test_financing_takes_as_many_queries_for_one_advance_as_for_many(
    client: Client, lifecycle: Lifecycle, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(21):  # five of them for the two charts
        client.get("/financing/")


def test_financing_without_anything_offers_the_one_action(client: Client) -> None:
    client.force_login(MembershipFactory().user)
    page = page_of(client, "/financing/")
    assert "No financing yet" in page
    assert "Connect QuickBooks" in page


def funded_on(lifecycle: Lifecycle) -> date:
    day = lifecycle.funded.funded_on
    assert day is not None
    return day


def test_an_invoice_shows_its_money_and_its_history(client: Client, lifecycle: Lifecycle) -> None:
    page = page_of(client, reverse("dashboard:invoice", args=[lifecycle.funded.invoice.public_id]))
    # By the supplier's day, which may be the one before the house's.
    days = (supplier_today(supplier=lifecycle.scenario.supplier, at=timezone.now()) - funded_on(lifecycle)).days
    assert f"5,400.00 × (1.5% + 1 × 0.5%) = 108.00 for {days} days" in page
    assert "5,000.00 × 85% = 4,250.00 to be paid to you" in page
    steps = ("Bought by infactor", "Offer accepted", "Offer received", "Financing requested", "Imported from")
    places = [page.index(f"<strong>{step}") for step in steps]
    assert places == sorted(places)
    settled = page_of(client, reverse("dashboard:invoice", args=[lifecycle.settled.invoice.public_id]))
    assert "900.00 − 120.00 = 780.00 to be paid to you" in settled


def test_the_statement_says_every_movement_and_its_sums(client: Client, lifecycle: Lifecycle) -> None:
    (told,) = statements(supplier=lifecycle.scenario.supplier)
    page = page_of(client, "/statement/")
    assert page.count("Invoice purchased") == 5
    for amount in (told.closing.paid, told.closing.held, told.closing.fee):
        assert f"${amount:,.2f}" in page


def test_days_in_the_address_narrow_the_statement_and_its_file(client: Client, lifecycle: Lifecycle) -> None:
    day = lifecycle.settled.ended_on.isoformat()
    page = page_of(client, "/statement/", **{"from": day, "to": day})
    assert "Balance brought forward" in page
    assert "Settled" in page
    assert "INV-9001" not in page
    assert f"from={day}" in page
    assert "This date is before the start date." in page_of(client, "/statement/", **{"from": day, "to": "2020-01-01"})
    assert "Enter a valid date." in page_of(client, "/statement/", **{"from": "soon"})


def test_the_file_adds_up_to_the_page_and_runs_no_formula(client: Client, lifecycle: Lifecycle) -> None:
    Invoice.objects.filter(pk=lifecycle.settled.invoice_id).update(invoice_no="=1+1", company_name="@SUM(A1)")
    content = b"".join(client.get("/statement.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(content)))
    (told,) = statements(supplier=lifecycle.scenario.supplier)
    assert len(rows) == len(told.movements)
    assert rows[-1]["Held in total"] == f"{told.closing.held}"
    assert rows[0]["Date"] == lifecycle.late.funded_on.isoformat()
    assert {row["Invoice number"] for row in rows} >= {"'=1+1"}
    assert {row["Buyer"] for row in rows} >= {"'@SUM(A1)"}


def test_a_supplier_without_movements_has_an_empty_statement(client: Client) -> None:
    client.force_login(MembershipFactory().user)
    assert "No transactions yet" in page_of(client, "/statement/")
    assert b"".join(client.get("/statement.csv")).count(b"\n") == 1  # type: ignore[arg-type]


def traces() -> tuple[int, ...]:
    """Every row that a financing action leaves."""
    return (
        AuditEvent.objects.count(),
        Transaction.objects.count(),
        FinancingRequest.objects.count(),
        Offer.objects.filter(status=Offer.Status.PROPOSED).count(),
        Advance.objects.filter(status=Advance.Status.ACCEPTED).count(),
        Invoice.objects.filter(state="ifactor_request").count(),
    )


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_another_suppliers_financing_is_not_there_by_any_method(
    client: Client, lifecycle: Lifecycle, method: str
) -> None:
    mine = build_scenario(now=timezone.now(), name="Somebody else")
    client.force_login(mine.owner)
    theirs = lifecycle.ready[0].public_id
    addresses = [
        (reverse("dashboard:offer", args=[lifecycle.offer.public_id]), {}),
        (reverse("dashboard:offer_select", args=[lifecycle.offer.public_id]), {}),
        (reverse("dashboard:offer_accept", args=[lifecycle.offer.public_id]), {"line": str(theirs)}),
        (reverse("dashboard:offer_decline", args=[lifecycle.offer.public_id]), {}),
        (reverse("dashboard:advance_cancel", args=[lifecycle.accepted.public_id]), {"reason": "Mine"}),
        (reverse("dashboard:financing_request", args=[lifecycle.request.public_id]), {}),
        (reverse("dashboard:financing_request_withdraw", args=[lifecycle.request.public_id]), {"invoice": str(theirs)}),
    ]
    before = traces()
    for address, data in addresses:
        sent = data if method in ("get", "head", "post") else None
        response = getattr(client, method)(address, *([sent] if sent else []))
        assert response.status_code in (404, 405), address
        assert b"INV-9" not in response.content
    if method in ("get", "head", "post"):
        response = getattr(client, method)("/financing/request/", {"invoice": str(theirs)})
        assert response.status_code == 404
    assert traces() == before


def test_a_request_of_mine_does_not_withdraw_anothers_invoice(client: Client, lifecycle: Lifecycle) -> None:
    address = reverse("dashboard:financing_request_withdraw", args=[lifecycle.request.public_id])
    before = traces()
    for invoice in (uuid.uuid4(), lifecycle.ready[0].public_id):
        assert client.post(address, {"invoice": str(invoice)}).status_code == 404
    assert traces() == before


def test_nothing_of_another_supplier_shows_on_any_page(client: Client, lifecycle: Lifecycle) -> None:
    client.force_login(MembershipFactory(supplier__name="Somebody else").user)
    for address in ("/", "/financing/", "/financing/request/", "/statement/", "/invoices/?financing=eligible"):
        page = page_of(client, address)
        assert "INV-9" not in page
        assert "Northwind" not in page
    assert b"INV-9" not in b"".join(client.get("/statement.csv"))  # type: ignore[arg-type]


def test_hostile_text_stays_text_on_every_page(client: Client, lifecycle: Lifecycle) -> None:
    for invoice in Invoice.objects.all():
        invoice.invoice_no = invoice.company_name = f"{HOSTILE}{invoice.pk}"
        invoice.save(update_fields=["invoice_no", "company_name"])
    offers.withdraw(offer=lifecycle.offer, by=lifecycle.scenario.underwriter, at=timezone.now(), reason=HOSTILE)
    recalculation.recalculate(supplier_id=lifecycle.scenario.supplier.pk, at=timezone.now())
    addresses = [
        "/",
        "/financing/",
        "/statement/",
        "/invoices/",
        "/financing/request/?amount=1200&currency=USD",
        f"/financing/request/?invoice={lifecycle.ready[0].public_id}&invoice={lifecycle.not_now.public_id}",
        reverse("dashboard:financing_request", args=[lifecycle.request.public_id]),
        *(reverse("dashboard:offer", args=[one.public_id]) for one in Offer.objects.all()),
        *(reverse("dashboard:invoice", args=[one.public_id]) for one in Invoice.objects.all()),
    ]
    for address in addresses:
        page = page_of(client, address)
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        for before in page.split("\u202e")[:-1]:
            opened, closed = before.rfind("<bdi"), before.rfind("</bdi>")
            assert opened > closed or before.rfind("<title") > before.rfind("</title>"), before[-300:]
