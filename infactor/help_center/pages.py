"""The help pages, in the order and under the themes of README.md in their folder, read once for each language.

A language is a folder of docs/guide/help. Where it lacks a page, or its index, the English one stands in.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from infactor.help_center.rendering import Block, Rendered, render
from infactor.settings.environment import BASE_DIR

FOLDER = BASE_DIR / "docs" / "guide" / "help"
FALLBACK = "en"
KEPT = 8  # readings, each of one language and one script prefix
THEME = re.compile(r"^## (.+)$")
ENTRY = re.compile(r"^- \[.+?\]\(([\w-]+)\.md\)$")
# Other words for the subject of a page, for the search: <!-- search: factoring, discounting -->
SEARCH_WORDS = re.compile(r"<!-- search: (.+?) -->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page of the help. `summary` is its first paragraph; `search_words` are further words for its subject."""

    slug: str
    title: str
    theme: str
    summary: str
    html: SafeString
    blocks: tuple[Block, ...]
    links: tuple[str, ...]
    search_words: str


@dataclass(frozen=True, eq=False)
class Library:
    """All pages of a language, in their order. There is one for each language, so it is compared by identity."""

    language: str
    pages: tuple[HelpPage, ...]

    @property
    def themes(self) -> dict[str, list[HelpPage]]:
        """The pages by theme, both in the order of the index."""
        found: dict[str, list[HelpPage]] = {}
        for page in self.pages:
            found.setdefault(page.theme, []).append(page)
        return found

    def find(self, slug: str) -> HelpPage | None:
        """The page `slug`, or None."""
        return next((page for page in self.pages if page.slug == slug), None)

    def neighbours(self, page: HelpPage) -> tuple[HelpPage | None, HelpPage | None]:
        """The pages before and after `page`."""
        place = self.pages.index(page)
        before = self.pages[place - 1] if place else None
        return before, self.pages[place + 1] if place + 1 < len(self.pages) else None


def library() -> Library:
    """The pages in the reader's language."""
    language = (get_language() or FALLBACK).partition("-")[0]
    return _read(language if (FOLDER / language).is_dir() else FALLBACK, get_script_prefix())


def document(name: str, *, language: str = FALLBACK) -> str:
    """The Markdown of `name` (without `.md`) in `language`, or in English."""
    path = FOLDER / language / f"{name}.md"
    return (path if path.exists() else FOLDER / FALLBACK / f"{name}.md").read_text(encoding="utf-8")


def summary(blocks: tuple[Block, ...]) -> str:
    """The first paragraph of a page."""
    return next((block.text for block in blocks if not block.is_heading), "")


@functools.lru_cache(maxsize=KEPT)
def _read(language: str, prefix: str) -> Library:
    """The pages with their links below the script prefix `prefix`, which is another where staff view a supplier."""
    pages = []
    theme = ""
    for line in document("README", language=language).splitlines():
        if found := THEME.match(line):
            theme = found[1]
        elif found := ENTRY.match(line):
            pages.append(_page(found[1], theme=theme, language=language))
    return Library(language=language, pages=tuple(pages))


def _page(slug: str, *, theme: str, language: str) -> HelpPage:
    source = document(slug, language=language)
    rendered: Rendered = render(source)
    words = SEARCH_WORDS.search(source)
    return HelpPage(
        slug=slug,
        title=rendered.title,
        theme=theme,
        summary=summary(rendered.blocks),
        html=rendered.html,
        blocks=rendered.blocks,
        links=rendered.links,
        search_words=" ".join(words[1].split()) if words else "",
    )


def languages() -> list[Path]:
    """The folders of the languages that there are."""
    return sorted(path for path in FOLDER.iterdir() if path.is_dir())
