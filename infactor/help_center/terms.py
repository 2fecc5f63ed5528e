"""Terms that pages explain where they stand. Their one source is the help page `words`, in the reader's language.

There, a term is a heading, its slug the anchor of that heading, its explanation the first paragraph below, and the page
that says more the first link of the next one.
"""

import functools
from dataclasses import dataclass

from django.urls import get_script_prefix
from django.utils.translation import get_language

from infactor.help_center.pages import FALLBACK, FOLDER, KEPT, document
from infactor.help_center.rendering import address, parse, plain_text

PAGE = "words"


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its name, what it means in a sentence or two, and where the help says more."""

    name: str
    slug: str
    explanation: str
    more: str


def terms() -> dict[str, Term]:
    """Every term in the reader's language, by its slug: `recourse-date`."""
    language = (get_language() or FALLBACK).partition("-")[0]
    return _read(language if (FOLDER / language).is_dir() else FALLBACK, get_script_prefix())


@functools.lru_cache(maxsize=KEPT)
def _read(language: str, prefix: str) -> dict[str, Term]:
    found: dict[str, Term] = {}
    name, slug, explanation = "", "", ""
    tokens = parse(document(PAGE, language=language))
    for place, token in enumerate(tokens):
        if token.type != "inline":
            continue
        before = tokens[place - 1]
        if before.type == "heading_open":
            name, slug, explanation = (token.content if before.tag == "h2" else ""), str(before.attrs["id"]), ""
        elif name and not explanation:
            explanation = plain_text(token)
        elif name:
            link = next(str(child.attrs["href"]) for child in token.children or [] if child.type == "link_open")
            found[slug] = Term(name=name, slug=slug, explanation=explanation, more=address(link))
            name = ""
    return found
