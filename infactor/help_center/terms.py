"""Terms that pages explain where they stand. Their one source is the help page `words`, in the reader's language.

There, a term is a heading, its explanation the first paragraph below, and the page that says more the first link of
the next one.
"""

import functools
from dataclasses import dataclass

from django.urls import get_script_prefix
from django.utils.text import slugify
from django.utils.translation import get_language

from infactor.help_center.pages import FALLBACK, FOLDER, KEPT, document
from infactor.help_center.rendering import PARSER, address, plain_text

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
    name, explanation = "", ""
    tokens = PARSER.parse(document(PAGE, language=language))
    for place, token in enumerate(tokens):
        if token.type != "inline":
            continue
        if tokens[place - 1].type == "heading_open":
            name, explanation = (token.content, "") if tokens[place - 1].tag == "h2" else ("", "")
        elif name and not explanation:
            explanation = plain_text(token)
        elif name:
            link = next(str(child.attrs["href"]) for child in token.children or [] if child.type == "link_open")
            # The template tag names a term in English, so its slug is that of the English page.
            slug = slugify(name) if language == FALLBACK else list(_read(FALLBACK, prefix))[len(found)]
            found[slug] = Term(name=name, slug=slug, explanation=explanation, more=address(link))
            name = ""
    return found
