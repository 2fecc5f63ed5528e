"""No text of a template escapes translation: what people read stands in `translate`, `blocktranslate` or `_()`."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parents[2] / "templates"
# The page of components is for developers.
NOT_TRANSLATED = ("dashboard/design.html",)
READ_BY_PEOPLE = {"aria-label", "title", "placeholder", "alt", "content", "data-label", "label"}
ARGUMENT = re.compile(
    r"\b(?:text|title|label|heading|action_text|noun|missing|caption|button)=(?P<text>\"[^\"]*\"|'[^']*')"
)
DEFAULT = re.compile(r"\|(?:default|default_if_none|yesno):(?P<text>\"[^\"]*\"|'[^']*')")
# Names, which are the same in every language, and the keys of the keyboard.
NAMES = re.compile(
    r"\b(?:infactor|QuickBooks Online|QuickBooks|Intuit|CSV|XLSX|PDF|HTTP|Ctrl|Esc|Enter|[a-z])\b|mailto:|&\w+;|https?://\S+"
)
# Codes in `default`, not texts: tones, states, a part of an address.
CODES = {"info", "neutral", "unknown", "all=1"}
# The CSS classes of a page.
CLASSES = re.compile(r"\{% block page_class %\}.*?\{% endblock page_class %\}")
LETTER = re.compile(r"[^\W\d_]")


def files() -> list[str]:
    found = (file for file in sorted(ROOT.rglob("*")) if file.suffix in (".html", ".txt"))
    names = (str(file.relative_to(ROOT)) for file in found)
    return [name for name in names if not name.startswith(NOT_TRANSLATED)]


class Texts(HTMLParser):
    """What people read of a page: text, and the attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden = tag
        given = dict(attrs)
        if tag == "meta" and given.get("name") != "description":
            return
        self.found += [value for name, value in attrs if name in READ_BY_PEOPLE and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def outside_translation(source: str) -> Iterator[str]:
    """The source without its tags, and the texts inside tags that are not marked."""
    html, closing = [], ""
    for token in Lexer(CLASSES.sub("", source)).tokenize():
        if closing:
            closing = "" if token.contents == closing else closing
        elif token.token_type == TokenType.TEXT:
            html.append(token.contents)
        elif token.token_type == TokenType.BLOCK and token.split_contents()[0] in ("blocktranslate", "comment"):
            closing = f"end{token.split_contents()[0]}"
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            html.append("0" if token.token_type == TokenType.VAR else "")
            if token.token_type == TokenType.BLOCK and token.split_contents()[0] not in ("include", "with", "money"):
                yield from (match["text"][1:-1] for match in DEFAULT.finditer(token.contents))
                continue
            for pattern in (ARGUMENT, DEFAULT):
                yield from (match["text"][1:-1] for match in pattern.finditer(token.contents))
    parser = Texts()
    parser.feed("".join(html))
    parser.close()
    yield from parser.found


def is_a_text(text: str) -> bool:
    return text not in CODES and bool(LETTER.search(NAMES.sub("", text)))


def missed(name: str) -> list[str]:
    texts = outside_translation((ROOT / name).read_text())
    return [" ".join(one.split()) for one in texts if is_a_text(one)]


def test_no_text_of_a_template_escapes_translation() -> None:
    assert {name: found for name in files() if (found := missed(name))} == {}


def test_a_text_that_escapes_is_found() -> None:
    page = '{% load i18n %}<p title="Hint">{% translate "Fine" %} <b>Missed</b>{{ a|default:"None" }}</p>'
    assert [one for one in outside_translation(page) if is_a_text(one)] == ["None", "Hint", "Missed"]
    assert not [one for one in outside_translation('{% include "x.html" with text=_("Fine") only %}') if is_a_text(one)]
    assert [one for one in outside_translation('{% include "x.html" with text="Missed" %}') if is_a_text(one)]


def test_plurals_are_left_to_the_language() -> None:
    assert [name for name in files() if "pluralize" in (ROOT / name).read_text()] == []
