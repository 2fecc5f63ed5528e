"""Search over the help pages: a small index in memory, built from the files when somebody first searches.

Two dozen pages need no table that each deployment would fill, and the search works while the database does not. Words
are compared by their stem, by their beginning and, where neither is known, by likeness, so that plurals, half a word
and a slip of the finger find their page.
"""

import difflib
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from infactor.help_center.pages import KEPT, HelpPage, Library
from infactor.help_center.speech import WORD, Speech, speech_of
from infactor.invoices.search_text import normalize

MAX_QUERY = 200
MAX_WORDS = 8
MAX_RESULTS = 10
EXCERPT = 220
LIKENESS = 0.75
WEIGHTS = {"title": 8.0, "words": 6.0, "heading": 4.0, "summary": 2.0, "text": 1.0}
EXACT, SAME_STEM, BEGINNING, ALIKE = 1.0, 0.9, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """A page that was found: the anchor of its best section, title and excerpt with the words found marked."""

    page: HelpPage
    anchor: str
    title: SafeString
    excerpt: SafeString


@dataclass(frozen=True, slots=True)
class _Entry:
    page: HelpPage
    weight_by_stem: dict[str, float]
    stems_of_blocks: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Index:
    entries: tuple[_Entry, ...]
    vocabulary: frozenset[str]
    speech: Speech


def search(query: str, *, library: Library) -> list[Result]:
    """The pages about `query`, best first: those that match most of its words, then those that do in title and heading.

    An empty list where nothing matches, or where the query has no word to look for.
    """
    index = _index(library)
    matches = [found for word in _wanted(query, index.speech) if (found := _matches(word, index=index))]
    scored = []
    for entry in index.entries:
        scores = [
            max(quality * entry.weight_by_stem.get(stem, 0.0) for stem, quality in found.items()) for found in matches
        ]
        hits = sum(score > 0 for score in scores)
        if hits:
            scored.append((hits, sum(scores), entry))
    most = max((hits for hits, _, _ in scored), default=0)
    best = sorted((one for one in scored if one[0] == most), key=lambda one: -one[1])[:MAX_RESULTS]
    return [_result(entry, matches=matches, speech=index.speech) for _, _, entry in best]


def has_words(query: str, *, library: Library) -> bool:
    """Whether `query` has a word to look for: stop words, signs and blanks are none."""
    return bool(_wanted(query, speech_of(library.language)))


def _wanted(query: str, speech: Speech) -> list[str]:
    words = WORD.findall(normalize(query[:MAX_QUERY].replace("\0", " ")))
    return list(dict.fromkeys(word for word in words if word not in speech.stop_words))[:MAX_WORDS]


def _matches(word: str, *, index: _Index) -> dict[str, float]:
    """The stems of the pages that `word` may mean, and how well each fits."""
    stem, vocabulary = index.speech.stem(word), index.vocabulary
    if stem in vocabulary:
        return {stem: SAME_STEM} | ({word: EXACT} if word in vocabulary else {})
    beginnings = [known for known in vocabulary if len(word) > 1 and known.startswith((word, stem))]
    if beginnings:
        return dict.fromkeys(beginnings, BEGINNING)
    if len(word) < 4:
        return {}
    return dict.fromkeys(difflib.get_close_matches(stem, sorted(vocabulary), n=2, cutoff=LIKENESS), ALIKE)


@functools.lru_cache(maxsize=KEPT)
def _index(library: Library) -> _Index:
    speech = speech_of(library.language)
    entries = tuple(
        _Entry(
            page=page,
            weight_by_stem=_weights(page, speech=speech),
            stems_of_blocks=tuple(frozenset(speech.stems(block.text)) for block in page.blocks),
        )
        for page in library.pages
    )
    vocabulary = frozenset(stem for entry in entries for stem in entry.weight_by_stem)
    return _Index(entries=entries, vocabulary=vocabulary, speech=speech)


def _weights(page: HelpPage, *, speech: Speech) -> dict[str, float]:
    """What each stem weighs on `page`: its best place, and a little for each further one."""
    found: dict[str, float] = {}
    places = [("title", page.title), ("words", page.search_words), ("summary", page.summary)]
    places += [("heading" if block.is_heading else "text", block.text) for block in page.blocks]
    for place, text in places:
        for stem in speech.stems(text):
            if stem not in speech.stop_words:
                before = found.get(stem, 0.0)
                found[stem] = max(before, WEIGHTS[place]) + min(before, WEIGHTS[place]) * 0.05
    return found


def _result(entry: _Entry, *, matches: list[dict[str, float]], speech: Speech) -> Result:
    page = entry.page
    stems = {stem for found in matches for stem in found}
    hits = [
        (sum(not known.isdisjoint(found) for found in matches), block)
        for block, known in zip(page.blocks, entry.stems_of_blocks, strict=True)
    ]
    best = max((one for one in hits if not one[1].is_heading), key=lambda one: one[0], default=(0, None))
    heading = max((one for one in hits if one[1].is_heading), key=lambda one: one[0], default=(0, None))
    anchor = heading[1].anchor if heading[0] and heading[1] else ""
    if best[0] and best[1]:
        anchor, text = anchor or best[1].anchor, best[1].text
    else:
        text = page.summary

    def is_found(word: str) -> bool:
        return any(stem in stems for stem in speech.stems(word))

    return Result(
        page=page,
        anchor="" if stems & set(speech.stems(page.title)) else anchor,
        title=_marked(page.title, is_found=is_found),
        excerpt=_marked(_cut(text, is_found=is_found), is_found=is_found),
    )


def _cut(text: str, *, is_found: Callable[[str], bool]) -> str:
    """At most EXCERPT characters of `text`, around the first of the words found."""
    if len(text) <= EXCERPT:
        return text
    first = next((found.start() for found in WORD.finditer(text) if is_found(found[0])), 0)
    start = max(0, first - EXCERPT // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = text.rfind(" ", start, start + EXCERPT)
    shown = text[start : end if end > start else start + EXCERPT]
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


def _marked(text: str, *, is_found: Callable[[str], bool]) -> SafeString:
    pieces = re.split(r"(\w+)", text)
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", one) if is_found(one) else one,) for one in pieces),
    )
