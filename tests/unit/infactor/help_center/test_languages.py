"""The help pages say the same in every language, at the same addresses."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, pgettext

from infactor.help_center.pages import FOLDER, HelpPage, Library, document, languages, library
from infactor.help_center.terms import PAGE, terms
from infactor.verification.submitted import Answer

ROOT = Path(__file__).resolve().parents[4]
PAGES = library().pages
LANGUAGES = [folder.name for folder in languages()]


def library_of(language: str) -> Library:
    with translation.override(language):
        return library()


def figures(page: HelpPage, *, point: str) -> Counter[str]:
    """The numbers with decimals, percent signs or dollars on a page, in one writing."""
    text = " ".join(block.text for block in page.blocks)
    written = re.findall(r"\$?\d[\d.,]*\d%|\d+%|\$?\d[\d.,]*[.,]\d\d\b", text)
    plain = (one.strip("$").replace("." if point == "," else ",", "").replace(",", ".") for one in written)
    return Counter(plain)


def anchors(page: HelpPage) -> dict[str, None]:
    """The anchors of a page, in their order; equal to others in any order."""
    return dict.fromkeys(block.anchor for block in page.blocks if block.is_heading)


# Labels that are another word where a page shows them, and those that it shows with an amount.
CONTEXTS = {"Dispute": "answer", "Check": "row of a file"}
WITH_AMOUNT = {"Request"}


def labels(slug: str, *, language: str) -> list[str]:
    """What a page prints in bold or italics: mostly what a page of the site shows."""
    source = " ".join(document(slug, language=language).split())
    return re.findall(r"\*{1,2}([^*]+?)[:.]?\*{1,2}", source)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_button_named_in_a_page_has_the_name_that_the_site_shows(language: str) -> None:
    checked = 0
    for page in PAGES:
        found = labels(page.slug, language=language)
        for label in labels(page.slug, language="en"):
            with translation.override(language):
                shown = pgettext(CONTEXTS[label], label) if label in CONTEXTS else gettext(label)
            if shown != label and label not in WITH_AMOUNT:
                assert shown in found, f"{page.slug}: {label}"
                checked += 1
    assert checked > 40


def test_a_language_without_pages_reads_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with translation.override("fr"):
        assert library() is library_of("en")
        assert terms()["reserve"].explanation
    monkeypatch.setattr("infactor.help_center.pages.FOLDER", tmp_path)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "offers.md").write_text("# Offers\n")
    (tmp_path / "es").mkdir()
    assert document("offers", language="es") == "# Offers\n"


def test_there_are_pages_in_every_language_of_the_site() -> None:
    assert set(LANGUAGES) == set(dict(settings.LANGUAGES))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_page_in_the_same_order(language: str) -> None:
    assert {path.name for path in (FOLDER / language).glob("*")} == {path.name for path in (FOLDER / "en").glob("*")}
    pages = library_of(language).pages
    assert [page.slug for page in pages] == [page.slug for page in PAGES]
    assert all(page.title and page.theme and page.summary and page.search_words for page in pages)
    entries = re.findall(r"^- \[(.+)\]", document("README", language=language), re.MULTILINE)
    assert entries == [page.title for page in pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translated_page_has_the_sections_and_links_of_the_english_one(language: str) -> None:
    for english, page in zip(PAGES, library_of(language).pages, strict=True):
        assert anchors(page) == anchors(english), page.slug
        if page.slug != PAGE:  # in the alphabet of the language
            assert list(page.links) == list(english.links), page.slug
            assert list(anchors(page)) == list(anchors(english)), page.slug


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translated_page_states_the_same_figures(language: str) -> None:
    for english, page in zip(PAGES, library_of(language).pages, strict=True):
        if page.slug != PAGE:
            assert figures(page, point=",") == figures(english, point="."), page.slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_that_templates_link_to_are_on_the_page_in_every_language(language: str) -> None:
    named = [
        pair
        for path in (ROOT / "templates").rglob("*.html")
        for pair in re.findall(r"\{% url 'help:page' '([\w-]+)' %\}#([\w-]+)", path.read_text())
    ]
    assert named
    for slug, anchor in named:
        page = library_of(language).find(slug)
        assert page is not None
        assert f'id="{anchor}"' in page.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_what_the_buyers_page_and_the_statement_offer(language: str) -> None:
    with translation.override(language):
        answers, pdf, paid = [str(one.label) for one in Answer], gettext("Download PDF"), str(Answer.PAID.label)
    confirmation = document("your-buyers-confirmation", language=language)
    assert [one for one in answers if f"**{one}**" not in confirmation] == []
    assert f"**{pdf}**" in document("statement-and-documents", language=language)
    already_paid = document("for-buyers", language=language).split(
        "if-you-have-already-paid" if language != "en" else "## If you"
    )[1]
    assert f"**{paid}**" in already_paid.split("## ")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_explains_the_same_terms_with_the_same_links(language: str) -> None:
    with translation.override("en"):
        english = terms()
    with translation.override(language):
        translated = terms()
    assert {slug: one.more for slug, one in translated.items()} == {slug: one.more for slug, one in english.items()}
