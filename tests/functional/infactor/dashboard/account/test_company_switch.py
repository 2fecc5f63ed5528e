"""A user of several companies chooses which one to act for, and can act only for their own."""

import uuid

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Membership, Supplier
from infactor.users.models import User
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def accountant(client: Client) -> User:
    """A signed-in user who acts for three companies."""
    user = UserFactory()
    for name in ("First", "Second", "Third"):
        made = MembershipFactory(user=user, supplier__name=name)
        InvoiceFactory(
            buyer=BuyerFactory(company_file__supplier=made.supplier), invoice_no=f"OF-{name}", supplier=made.supplier
        )
    client.force_login(user)
    return user


def choose(client: Client, supplier: Supplier, **form: str) -> str:
    return str(client.post(f"/companies/{supplier.public_id}/choose", form)["Location"])


@pytest.mark.parametrize("address", ["/", "/invoices/", "/invoices.csv", "/quickbook/", "/quickbook/launch"])
def test_who_has_not_chosen_is_asked_first(client: Client, accountant: User, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, "/companies/")


def test_a_part_of_a_page_takes_the_whole_page_to_the_choice(client: Client, accountant: User) -> None:
    answer = client.get("/quickbook/card", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (200, "/companies/", b"")


def test_nothing_is_done_for_a_company_that_was_not_chosen(client: Client, accountant: User) -> None:
    connection = ConnectionFactory(company_file__supplier=accountant.suppliers.first())
    assert client.post(f"/quickbook/{connection.public_id}/sync")["Location"] == "/companies/"
    assert not connection.runs.exists()


def test_the_list_names_every_company_of_ones_own_and_no_other(client: Client, accountant: User) -> None:
    MembershipFactory(supplier__name="Somebody else's")
    page = client.get("/companies/").content.decode()
    assert all(name in page for name in ("First", "Second", "Third"))
    assert "Somebody else" not in page


def test_what_is_shown_is_the_chosen_companys_until_another_is_chosen(client: Client, accountant: User) -> None:
    for name in ("Second", "Third", "Second"):
        supplier = Supplier.objects.get(name=name)
        assert choose(client, supplier) == "/"
        page = client.get("/invoices/").content.decode()
        assert f"OF-{name}" in page
        assert page.count("OF-") == page.count(f"OF-{name}")
        assert "Switch company" in page
    chosen = AuditEvent.objects.filter(event="supplier.chosen").order_by("pk")
    assert [event.actor_id for event in chosen] == [accountant.pk] * 3
    assert len({event.supplier_id for event in chosen}) == 2


def test_somebody_elses_company_cannot_be_chosen(client: Client, accountant: User) -> None:
    other = MembershipFactory(supplier__name="Somebody else's").supplier
    for public_id in (other.public_id, uuid.uuid4()):
        assert client.post(f"/companies/{public_id}/choose").status_code == 404
    assert not AuditEvent.objects.filter(event="supplier.chosen").exists()
    assert client.get("/")["Location"] == "/companies/"


def test_a_choice_ends_with_the_membership(client: Client, accountant: User) -> None:
    second = Supplier.objects.get(name="Second")
    choose(client, second)
    Membership.objects.filter(user=accountant, supplier=second).delete()
    assert client.get("/invoices/")["Location"] == "/companies/"


def test_choosing_needs_a_post_with_its_token(client: Client, accountant: User) -> None:
    supplier = Supplier.objects.get(name="First")
    assert client.get(f"/companies/{supplier.public_id}/choose").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(accountant)
    assert strict.post(f"/companies/{supplier.public_id}/choose").status_code == 403


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [("/quickbook/reconnect/confirm", "/quickbook/reconnect/confirm"), ("https://evil.example/", "/"), ("//evil", "/")],
)
def test_the_way_on_leads_to_our_own_pages_only(client: Client, accountant: User, target: str, leads_to: str) -> None:
    assert choose(client, Supplier.objects.get(name="First"), next=target) == leads_to


def test_who_acts_for_one_company_is_not_asked(member: Client, supplier: Supplier) -> None:
    page = member.get("/").content.decode()
    assert supplier.name in page
    assert "Switch company" not in page


def test_who_acts_for_none_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(UserFactory())
    assert "Ask the owner" in client.get("/companies/").content.decode()


def test_a_stranger_is_led_to_sign_in(client: Client) -> None:
    assert client.get("/companies/")["Location"].startswith("/accounts/login/")


def test_staff_who_act_for_nobody_are_led_to_their_own_pages(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/companies/")["Location"] == "/admin/"


def test_a_name_is_shown_as_text(client: Client, accountant: User) -> None:
    Supplier.objects.filter(name="First").update(name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/companies/").content.decode()
