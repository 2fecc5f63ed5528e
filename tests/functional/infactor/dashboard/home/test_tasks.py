"""Home names what needs the supplier: buyers that do not respond, a lost connection, a colleague's proposal."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from infactor.dashboard.home.verification_tasks import verification_tasks
from infactor.financing.origination import proposals
from infactor.invoices.models import Invoice
from infactor.suppliers import two_people
from infactor.suppliers.models import Membership, Supplier
from infactor.verification import reminders, requests
from infactor.verification.models import Verification
from quickbooks_app.models import Connection
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle
from tests.support.scenarios.verification import ask, draft

pytestmark = pytest.mark.django_db
HOME = "/"


@pytest.fixture
def invoice(supplier: Supplier) -> Invoice:
    books = CompanyFileFactory(supplier=supplier)
    made: Invoice = InvoiceFactory(buyer=BuyerFactory(company_file=books), invoice_no="INV-77")
    return made


def tasks(client: Client) -> str:
    """The text of the list of what needs attention; "" if there is none."""
    page = client.get(HOME).content.decode()
    found = re.search(r'aria-labelledby="tasks-title">(.*?)</section>', page, re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", found[1])).split()) if found else ""


def asked(invoice: Invoice, *, days_ago: int) -> Verification:
    return ask(invoice, at=timezone.now() - timedelta(days=days_ago))


def test_a_silent_buyer_is_named_once_it_was_reminded(member: Client, invoice: Invoice) -> None:
    asked(invoice, days_ago=5)
    assert "has not responded" not in tasks(member)
    reminders.remind_due(at=timezone.now())
    assert "The buyer of invoice INV-77 has not responded yet." in tasks(member)


def test_a_request_that_expired_is_named_until_it_is_asked_again(member: Client, invoice: Invoice) -> None:
    asked(invoice, days_ago=20)
    requests.expire_due(at=timezone.now())
    assert "The buyer of invoice INV-77 did not respond in time." in tasks(member)
    assert "Ask again" in tasks(member)
    asked(invoice, days_ago=0)
    assert "did not respond in time" not in tasks(member)


def test_of_many_requests_no_more_are_loaded_than_are_shown(
    member: Client, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = [invoice, *(InvoiceFactory(buyer=invoice.buyer, invoice_no=f"INV-{n}") for n in range(78, 90))]
    for one in invoices[:5]:
        asked(one, days_ago=20)
    requests.expire_due(at=timezone.now())
    for one in invoices[5:9]:
        asked(one, days_ago=5)
    reminders.remind_due(at=timezone.now())
    for one in invoices[9:]:
        draft(one)
    loaded, load = [], Verification.from_db.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Verification, "from_db", classmethod(lambda *given: loaded.append(load(*given)) or loaded[-1]))
    found = list(verification_tasks(invoice.supplier))
    assert [re.findall(r"INV-\d+", one.title)[0] for one in found] == [
        f"INV-{n}" for n in (86, 87, 88, 82, 83, 84, 77, 78, 79)
    ]
    assert len(loaded) == 9
    assert all("items" in one.invoice.get_deferred_fields() for one in loaded)


def test_a_request_about_what_is_paid_needs_nobody(member: Client, invoice: Invoice) -> None:
    asked(invoice, days_ago=20)
    requests.expire_due(at=timezone.now())
    Invoice.objects.filter(pk=invoice.pk).update(books_status="paid")
    assert "did not respond in time" not in tasks(member)


def test_a_disputed_invoice_names_its_buyer_and_what_to_do(member: Client, invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(state="invoice_rejected", company_name="Bayside Museum")
    assert "Bayside Museum disputed invoice INV-77. Resolve it, then resubmit." in tasks(member)


def test_a_lost_connection_is_among_the_tasks(member: Client, supplier: Supplier) -> None:
    ConnectionFactory(
        company_file__supplier=supplier, status=Connection.Status.NEEDS_ATTENTION, company_name="Larkspur Books"
    )
    shown = tasks(member)
    assert "Needs your attention 1" in shown
    assert "Reconnect Larkspur Books in QuickBooks." in shown


def test_a_second_owner_is_asked_to_confirm_and_nobody_else(lifecycle: Lifecycle) -> None:
    supplier, owner, now = lifecycle.scenario.supplier, lifecycle.scenario.owner, lifecycle.scenario.now
    partner, finance = (
        MembershipFactory(supplier=supplier, role=role).user
        for role in (Membership.Role.OWNER, Membership.Role.FINANCE)
    )
    two_people.switch_on(supplier=supplier, by=owner, at=now)
    shown = lifecycle.scenario.shown(lifecycle.offer)
    proposals.propose(offer=lifecycle.offer, by=owner, at=now, disclosure_digest=shown)
    address, said = reverse("dashboard:offer", args=[lifecycle.offer.public_id]), {}
    for person in (owner, partner, finance):
        client = Client()
        client.force_login(person)
        said[person.email] = tasks(client)
        assert "accept or decline" not in said[person.email]
        assert f'href="{address}"' in client.get(HOME).content.decode()
    assert "Confirm your colleague's proposal to accept $" in said[partner.email]
    assert f"{owner.email} proposed it." in said[partner.email]
    assert "You proposed to accept an offer of $" in said[owner.email]
    assert "An owner has to confirm it today." in said[finance.email]


def test_many_tasks_cost_no_further_questions(
    member: Client, supplier: Supplier, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    books = CompanyFileFactory(supplier=supplier)
    for number in range(4):
        made = InvoiceFactory(buyer=BuyerFactory(company_file=books), invoice_no=f"INV-{number}")
        asked(made, days_ago=20)
    requests.expire_due(at=timezone.now())
    with django_assert_max_num_queries(15):
        page = member.get(HOME).content.decode()
    assert page.count("did not respond in time.</bdi></strong>") == 3
