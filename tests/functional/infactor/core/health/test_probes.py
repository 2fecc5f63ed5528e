"""Probes are answered as load balancers and supervisors send them; readiness is shown to operators alone."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from infactor.core import tasks
from infactor.ledger.models import IntegrityCheck

pytestmark = pytest.mark.django_db
TOKEN = "an-operator-token-0123456789-abcdefghijklmn"
FROM_OUTSIDE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["app.infactor.com"]
    tasks.heartbeat()


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "localhost", "app.infactor.com", "anything_at all"])
def test_a_load_balancer_asks_by_address_and_over_plain_http(client: Client, method: str, host: str) -> None:
    asked = getattr(client, method)(reverse("healthz"), headers={"Host": host, "User-Agent": "ELB-HealthChecker/2.0"})
    assert asked.status_code == 200
    assert "Set-Cookie" not in asked.headers


def test_other_pages_still_refuse_an_unknown_host_and_plain_http(client: Client) -> None:
    assert client.get("/accounts/login/", headers={"Host": "10.1.2.3"}).status_code == 400
    assert client.get("/accounts/login/", headers={"Host": "app.infactor.com"}).status_code == 301


def test_an_operator_on_the_machine_reads_readiness(client: Client) -> None:
    assert client.get(reverse("readyz"), headers={"Host": "127.0.0.1:8000"}).json() == {"status": "ready"}


def test_an_operator_at_the_socket_file_reads_readiness(client: Client) -> None:
    assert client.get(reverse("readyz"), REMOTE_ADDR="").json() == {"status": "ready"}


@pytest.mark.parametrize(
    "request_headers",
    [
        FROM_OUTSIDE,
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "203.0.113.7"},  # through the proxy, on a socket file
        {**FROM_OUTSIDE, "HTTP_AUTHORIZATION": "Bearer wrong"},
    ],
)
def test_a_stranger_does_not_learn_how_the_installation_stands(
    client: Client, settings: Settings, request_headers: dict[str, str]
) -> None:
    settings.OPERATOR_TOKEN = TOKEN
    answer = client.get(reverse("readyz"), **request_headers)
    assert (answer.status_code, answer.content) == (404, b"")


def test_without_a_token_an_empty_one_opens_nothing(client: Client) -> None:
    assert client.get(reverse("readyz"), **FROM_OUTSIDE, HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_an_operator_elsewhere_reads_readiness_with_the_token(client: Client, settings: Settings) -> None:
    settings.OPERATOR_TOKEN = TOKEN
    answer = client.get(reverse("readyz"), **FROM_OUTSIDE, HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert answer.json() == {"status": "ready"}


def test_a_difference_in_the_ledger_is_a_warning_that_takes_no_server_out(client: Client) -> None:
    IntegrityCheck.objects.create(
        at=timezone.now(), ok=False, transactions=1, entries=2, findings=["On no statement."], milliseconds=1
    )
    answer = client.get(reverse("readyz"))
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert "found errors" in answer.json()["warnings"]["ledger"]
