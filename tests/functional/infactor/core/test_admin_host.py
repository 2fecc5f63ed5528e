"""ADMIN_HOST: admin is on its own host name, and nothing else is there."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.users import roles
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db

PUBLIC, STAFF = "infactor.example", "staff.infactor.example"
ADMIN = reverse("admin:index")


@pytest.fixture(autouse=True)
def _two_hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [PUBLIC, STAFF]
    settings.ADMIN_HOST = STAFF


def test_admin_is_on_its_host_only(client: Client) -> None:
    client.force_login(onboarding.staff_member(roles.READ_ONLY))
    assert client.get(ADMIN, headers={"host": STAFF}).status_code == 200
    for method in (client.get, client.post):
        assert method(ADMIN, headers={"host": PUBLIC}).status_code == 404
        assert method("/admin/login/", headers={"host": PUBLIC}).status_code == 404


def test_the_host_of_admin_serves_nothing_else_but_signing_in(client: Client) -> None:
    for path in ("/", "/invoices/", "/buyer/no-such-token/", "/privacy"):
        assert client.get(path, headers={"host": STAFF})["Location"] == ADMIN
    assert client.get("/accounts/login/", headers={"host": STAFF}).status_code == 200
    assert client.get("/healthz", headers={"host": STAFF}).status_code == 200


def test_staff_are_led_from_the_public_host_to_theirs(client: Client) -> None:
    client.force_login(onboarding.staff_member(roles.READ_ONLY))
    home = client.get(reverse("dashboard:home"), headers={"host": PUBLIC})
    assert home["Location"] == f"https://{STAFF}{ADMIN}"
