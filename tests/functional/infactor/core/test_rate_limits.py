"""What costs much may be asked for only so often, and each person and visitor is counted apart."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.suppliers.models import Supplier
from quickbooks_app.models import ImportRun
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def lowered(settings: Settings) -> None:
    """Two of each, so that a test need not ask sixty times."""
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(
        ("search", "export", "price", "quote", "connect", "sync_now"), "2/m/user"
    )


def colleague_of(supplier: Supplier) -> Client:
    other = Client()
    other.force_login(MembershipFactory(supplier=supplier).user)
    return other


@pytest.mark.usefixtures("lowered")
@pytest.mark.parametrize(
    ("method", "address", "what"),
    [
        ("get", "/invoices/?q=acme", "You have searched often"),
        ("get", "/invoices.csv", "You have downloaded files often"),
        ("get", "/statement.csv", "You have downloaded files often"),
        ("post", "/invoices/export/", "You have asked for files often"),
        ("get", "/financing/request/?amount=100&currency=USD", "You have asked for quotes often"),
        ("post", "/quickbook/authorize", "You have started to connect often"),
    ],
)
def test_a_person_who_asks_too_often_waits_and_a_colleague_does_not(
    member: Client, supplier: Supplier, method: str, address: str, what: str
) -> None:
    for _ in range(2):
        answer = getattr(member, method)(address)
        assert answer.status_code in (200, 302)
        if answer.streaming:
            list(answer)  # a download ends when it was read
    refused = getattr(member, method)(address)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert what in refused.content.decode()
    assert getattr(colleague_of(supplier), method)(address).status_code in (200, 302)


@pytest.mark.usefixtures("lowered")
def test_syncing_at_the_press_of_a_button_has_its_limit(member: Client, supplier: Supplier) -> None:
    connection = ConnectionFactory(company_file=CompanyFileFactory(supplier=supplier))
    address = reverse("quickbooks:sync", args=[connection.public_id])
    codes = []
    for _ in range(3):
        codes.append(member.post(address).status_code)
        ImportRun.objects.all().delete()
    assert codes == [302, 302, 429]
    assert not ImportRun.objects.exists()


@pytest.mark.usefixtures("lowered")
def test_reading_the_list_without_a_search_is_not_counted(member: Client) -> None:
    assert {member.get("/invoices/").status_code for _ in range(5)} == {200}


def test_behind_a_proxy_each_visitor_has_a_limit_of_their_own(client: Client, settings: Settings) -> None:
    """A visitor writes a forwarded address of their own; the trusted proxy adds the real one behind it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def look(visitor: str, *, forged: str = "198.51.100.250") -> int:
        forwarded = f"{forged}, {visitor}"
        return client.get(f"/buyer/{visitor}-{forged}/", headers={"X-Forwarded-For": forwarded}).status_code

    codes = [look("203.0.113.66", forged=f"198.51.100.{number}") for number in range(64)]
    assert codes.count(429) >= 4, "a forged address reset the limit"
    assert look("203.0.113.99") == 404
