"""The search finds the page that somebody means, however they spell it, and bears hostile queries."""

import pytest
from django.utils import translation

from infactor.help_center.pages import library
from infactor.help_center.search import MAX_RESULTS, has_words, search


def first(query: str) -> str:
    found = search(query, library=library())
    return found[0].page.slug if found else ""


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("fees", "what-it-costs"),
        ("How much does it cost?", "what-it-costs"),
        ("disput", "disputes-and-credit-notes"),
        ("recorse", "late-payment-and-recourse"),
        ("passkeys", "security"),
        ("buyer paid me", "a-payment-that-came-to-you"),
        ("notice of asignment", "for-buyers"),
        ("CSV upload", "invoices-by-hand"),
        ("REBATE", "when-your-buyer-pays"),
        ("réserve", "when-your-buyer-pays"),
        ("factoring", "how-it-works"),
        ("accountant role", "people-and-roles"),
    ],
)
def test_it_finds_the_page_that_is_meant(query: str, slug: str) -> None:
    assert first(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("¿Cuánto cuesta?", "what-it-costs"),
        ("cuanto cuesta", "what-it-costs"),
        ("comisiones", "what-it-costs"),
        ("comision", "what-it-costs"),
        ("COMISIÓN", "what-it-costs"),
        ("disputas", "disputes-and-credit-notes"),
        ("disputar una factura", "disputes-and-credit-notes"),
        ("recompra", "late-payment-and-recourse"),
        ("llaves de acceso", "security"),
        ("contraseña", "security"),
        ("contrasena", "security"),
        ("aviso de cesión", "for-buyers"),
        ("aviso de cesion", "for-buyers"),
        ("remanente", "when-your-buyer-pays"),
        ("factoraje", "how-it-works"),
        ("función del contador", "people-and-roles"),
        ("desembolzo", "when-you-are-paid"),
    ],
)
def test_in_spanish_it_finds_words_with_and_without_accents_in_any_form(query: str, slug: str) -> None:
    with translation.override("es"):
        assert first(query) == slug
        assert has_words(query, library=library())


def test_each_language_has_its_own_words_that_say_nothing() -> None:
    with translation.override("es"):
        assert search("¿cómo se puede hacer esto?", library=library()) == []
        assert not has_words("¿cómo se puede hacer esto?", library=library())
        assert "<mark>comisión</mark>" in search("comision", library=library())[0].excerpt
    with translation.override("en"):
        assert not has_words("how do I", library=library())


@pytest.mark.parametrize("query", ["", "   ", "how do I", "?!", "\0", "…", "🙂"])
def test_a_query_without_a_word_finds_nothing_and_says_so(query: str) -> None:
    assert search(query, library=library()) == []
    assert not has_words(query, library=library())


@pytest.mark.parametrize("query", ["xyzzyq", "a" * 100_000, "fee " * 50_000, "'; DROP TABLE--", "\0fee\0", "%_\\(["])
def test_a_hostile_query_is_borne(query: str) -> None:
    assert len(search(query, library=library())) <= MAX_RESULTS


def test_what_was_found_is_marked_and_never_html_of_the_query() -> None:
    (result, *_) = search("recourse", library=library())
    assert "<mark>recourse</mark>" in result.excerpt
    results = search("<script>fee</script>", library=library())
    assert all("<script" not in one.excerpt + one.title for one in results)


def test_a_word_in_a_section_leads_to_that_section() -> None:
    found = {one.page.slug: one.anchor for one in search("late fee", library=library())}
    assert found["words"] == "late-fee"
