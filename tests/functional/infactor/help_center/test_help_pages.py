"""Everybody reads the help, signed in or not; it searches without JavaScript, and each page's "Help" fits it."""

import html

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from infactor.help_center.pages import library

pytestmark = pytest.mark.django_db


def page_of(client: Client, name: str, **values: str) -> str:
    answer = client.get(reverse(name, kwargs=values or None))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_stranger_reads_every_page_and_goes_on_to_the_next(client: Client) -> None:
    index = page_of(client, "help:index")
    slug = library().pages[0].slug
    seen = []
    while slug:
        assert f'href="/help/{slug}/"' in index
        seen.append(slug)
        answer = client.get(f"/help/{slug}/")
        assert "<h1" in answer.content.decode()
        after = answer.context["after"]
        slug = after.slug if after else ""
    assert seen == [page.slug for page in library().pages]
    assert client.get("/help/no-such-page/").status_code == 404
    assert client.get("/help/README/").status_code == 404


def test_the_search_shows_what_it_found_what_it_did_not_and_the_query_as_text(client: Client) -> None:
    answer = client.get("/help/", {"q": "recourse"}).content.decode()
    assert "/help/late-payment-and-recourse/" in answer
    assert "<mark>recourse</mark>" in answer
    assert "No page found" in client.get("/help/", {"q": "xyzzyq"}).content.decode()
    assert "Type a word" in client.get("/help/", {"q": "how do I"}).content.decode()
    assert "Type a word" not in client.get("/help/", {"q": "  "}).content.decode()
    hostile = client.get("/help/", {"q": '"><script>alert(1)</script>\0' + "x" * 9_000})
    assert hostile.status_code == 200
    assert "<script>alert" not in hostile.content.decode()
    assert len(hostile.content) < 60_000


def test_help_on_a_page_is_about_that_page(client: Client, member: Client) -> None:
    assert 'href="/help/security/">Help</a>' in page_of(Client(), "account_login")
    assert 'href="/help/what-makes-an-invoice-eligible/"' in page_of(member, "dashboard:invoices")
    assert 'href="/help/statement-and-documents/"' in page_of(member, "dashboard:statement")
    assert 'href="/help/"' in client.get("/no-such-page/").content.decode()


SPANISH = {"accept-language": "es-MX,es;q=0.9"}


def test_every_page_is_in_the_language_of_its_reader_at_the_same_address(client: Client) -> None:
    for page in library().pages:
        assert page.title in html.unescape(client.get(f"/help/{page.slug}/").content.decode())
        spanish = client.get(f"/help/{page.slug}/", headers=SPANISH)
        assert spanish["Content-Language"] == "es"
        assert page.title not in html.unescape(spanish.content.decode())
    answer = client.get("/help/for-buyers/", headers=SPANISH).content.decode()
    assert '<h2 id="how-to-check-that-it-is-genuine">Cómo comprobar que es auténtico</h2>' in answer


def test_the_search_reads_the_pages_of_the_language(client: Client) -> None:
    for query in ("comisión", "comision"):
        answer = client.get("/help/", {"q": query}, headers=SPANISH).content.decode()
        assert "/help/what-it-costs/" in answer
        assert "<mark>comisión</mark>" in answer
    assert "No page found" in client.get("/help/", {"q": "comisión"}).content.decode()


@pytest.mark.parametrize("code", ["../../x", "..", "/etc", "xx", "es/../en", "e" * 5_000, "\\", "%00", "\xf1"])
def test_a_hostile_language_leads_to_english_and_no_error(client: Client, code: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    for path in ("/help/", "/help/offers/", "/help/?q=fee"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer["Content-Language"] == "en"
        assert "Help" in answer.content.decode()


def test_a_made_up_region_of_a_known_language_reads_that_language(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es-../../x"
    assert client.get("/help/")["Content-Language"] == "es"
