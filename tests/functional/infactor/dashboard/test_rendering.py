"""Every page shows plain errors with a next step, loads only our own files, and changes nothing on GET."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.views import defaults

from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def addresses(supplier: Supplier) -> list[str]:
    invoice = InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)))
    return [
        "/",
        "/figures/",
        "/invoices/",
        "/invoices.csv",
        f"/invoices/{invoice.public_id}/",
        "/design",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/logout/",
    ]


def counts() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models() if model is not Session}


def test_the_design_page_shows_every_component(client: Client) -> None:
    page = client.get("/design").content.decode()
    found = {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}
    parts = {"chips", "list-tools", "selection-bar", "ask-range", "quote-side", "checklist", "row-item", "events"}
    lacking = {*parts, "timeline", "matrix", "stages", "alert", "badge", "term", "table", "field"} - found
    assert lacking == set()


def test_reading_changes_no_row(member: Client, addresses: list[str]) -> None:
    before = counts()
    for address in addresses:
        response = member.get(address)
        assert response.status_code == 200, address
        b"".join(response) if response.streaming else response.content
        member.head(address)
    assert counts() == before


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_of_its_own(member: Client, addresses: list[str]) -> None:
    for address in addresses:
        if address.endswith(".csv"):
            continue
        page = member.get(address).content.decode()
        loaded = re.findall(r'<(?:script|link|img|iframe|use)[^>]*?(?:src|href)="([^"]*)"', page)
        assert [one for one in loaded if not one.startswith(("/static/", "data:"))] == [], address
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page), address
        assert not re.search(r"<style|\sstyle=|\son(?:click|load|error|submit|change)=|javascript:", page), address
        policy = member.get(address)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@override_settings(DESIGN_PAGE=False)
def test_the_design_page_is_for_building_only(client: Client) -> None:
    assert client.get(reverse("dashboard:design")).status_code == 404


def test_the_design_page_shows_every_state(client: Client) -> None:
    page = client.get(reverse("dashboard:design")).content.decode()
    for shown in (
        "312 of 1,240 invoices",
        "cannot be read",
        "\N{MINUS SIGN}€98,765.43",
        "$9,999,999,999,999.99",
        "¥1,200.55",
        "No invoices yet",
        "No invoice matches",
        "The list could not be loaded.",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        'aria-busy="true"',
    ):
        assert shown in page


def request_of(user: object = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return request


def errors() -> Iterator[tuple[int, str]]:
    yield 400, defaults.bad_request(request_of(), ValueError("secret")).content.decode()
    yield 403, defaults.permission_denied(request_of(), PermissionError("secret")).content.decode()
    yield 404, defaults.page_not_found(request_of(), ValueError("secret")).content.decode()
    yield 500, defaults.server_error(request_of()).content.decode()


def test_every_error_is_a_plain_sentence_with_a_next_step() -> None:
    for code, page in errors():
        assert "<h1>" in page, code
        assert "button-primary" in page, code
        assert "secret" not in page, code
        assert "Traceback" not in page, code


def test_the_page_of_our_own_failure_needs_nothing_that_may_have_failed(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert "wrong on our side" in render_to_string("500.html")


def test_the_files_of_every_page_stay_small() -> None:
    def packed(*names: str) -> int:
        return sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in names)

    sheets = [f"css/{path.name}" for path in (ROOT / "static/css").glob("*.css") if path.name != "admin.css"]
    assert packed(*sheets) < 20 * 1024
    assert packed("js/theme.js", "js/app.js") < 10 * 1024
