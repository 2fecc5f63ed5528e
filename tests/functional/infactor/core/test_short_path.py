"""What machines send passes few middleware, and is guarded as every other address."""

import re

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import resolve
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

ADDRESS = "/quickbook/webhook"
NAMED = f"{ADDRESS}/00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("address", [ADDRESS, NAMED])
def test_the_view_of_a_short_path_needs_no_session_and_no_form_of_ours(address: str) -> None:
    """The middleware that would ask are passed over, so the views must be those that tell them not to."""
    assert re.fullmatch(configured.MACHINE_PATHS, address[1:])
    view = resolve(address).func
    assert (view.login_required, view.csrf_exempt, view.is_never_refused) == (False, True, True)  # type: ignore[attr-defined]


def test_no_page_for_people_is_on_a_short_path() -> None:
    for path in ("/quickbook/webhook/", "/quickbook/webhooks", "/quickbook/", f"{NAMED}/more", "/x/quickbook/webhook"):
        assert not re.fullmatch(configured.MACHINE_PATHS, path[1:])


@pytest.mark.parametrize("name", configured.MACHINE_MIDDLEWARE)
def test_no_middleware_of_a_short_path_has_a_step_that_it_leaves_out(name: str) -> None:
    middleware = import_string(name)
    steps = ("process_view", "process_exception", "process_template_response")
    assert not any(hasattr(middleware, step) for step in steps)


@pytest.mark.django_db
def test_an_answer_has_the_headers_of_any_page_and_sets_no_cookie(client: Client) -> None:
    short, page = client.get(ADDRESS), client.get("/no-such-page")
    assert (short.status_code, len(short.cookies)) == (405, 0)
    assert set(page.headers) - set(short.headers) <= {"Vary", "Content-Language"}
    for name in ("Content-Security-Policy", "X-Frame-Options", "Cache-Control", "X-Content-Type-Options"):
        assert short.headers[name] == page.headers[name]
    assert short.headers["Content-Length"] == "0"


@pytest.mark.django_db
def test_a_refusal_asks_the_database_nothing(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert client.post(ADDRESS, b"[]", content_type="application/json").status_code == 401


def test_a_host_that_is_not_ours_is_refused(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["infactor.example"]
    assert client.post(ADDRESS, b"[]", content_type="application/json", SERVER_NAME="other.example").status_code == 400


def test_the_host_of_admin_takes_no_webhook(client: Client, settings: Settings) -> None:
    settings.ADMIN_HOST = "admin.example"
    settings.ALLOWED_HOSTS = ["admin.example"]
    answer = client.post(ADDRESS, b"[]", content_type="application/json", SERVER_NAME="admin.example")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
