"""Everybody reads the help, signed in or not; it searches without JavaScript, and each page's "Help" fits it."""

import pytest
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
