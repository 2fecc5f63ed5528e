"""A visitor reads what infactor costs and reckons it for an invoice of their own; robots read what visitors may."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from infactor.dashboard.landing import example

pytestmark = pytest.mark.django_db


def page_of(client: Client, **query: str) -> str:
    answer = client.get(reverse("dashboard:home"), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_visitor_sees_an_example_that_adds_up(client: Client) -> None:
    page = page_of(client)
    assert "$8,500.00" in page
    assert "$10,000.00" in page
    found = example(amount=Decimal("10000"), days=30, on=date(2026, 11, 30))
    assert found is not None
    assert found["cash"] + found["rebate"] + found["fee"] == Decimal("10000")


def test_a_visitor_reckons_their_own_invoice_and_bad_input_is_told(client: Client) -> None:
    assert "$1,700.00" in page_of(client, amount="2000", days="45")
    refused = page_of(client, amount="much", days="-3")
    assert "Enter a number." in refused
    assert "greater than or equal to 1" in refused
    assert 'value="much"' in refused


def test_each_term_of_the_price_is_explained_where_it_stands(client: Client) -> None:
    page = page_of(client)
    for term in ("cash-now", "rebate", "fee"):
        assert f'popovertarget="term-{term}"' in page
    assert "remainder" not in page


def test_who_is_signed_in_reads_home_instead(member: Client) -> None:
    assert "What it costs" not in page_of(member)


def test_robots_are_kept_out_of_what_is_private(client: Client) -> None:
    with override_settings(DESIGN_PAGE=False):
        assert "Disallow: /buyer/" in client.get("/robots.txt").content.decode()
    with override_settings(DESIGN_PAGE=True):
        assert client.get("/robots.txt").content.decode().endswith("Disallow: /\n")


def test_sign_in_says_each_thing_once(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "placeholder" not in page
    assert "Keep me signed in" in page
    assert page.count("Forgot your password?") == 1
    assert "data-show-password" in page
