"""Every mail has an HTML part that says what its text says, and lets nobody's data become markup or a button."""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.template import Context, Engine
from pytest_django.fixtures import Settings

from infactor.core.email import outbox
from infactor.core.email.blocks import Kind, blocks_of
from infactor.core.email.html_part import html_of
from infactor.core.templatetags import formatting
from tests.support.factories.quickbooks import NOON

ROOT = Path(__file__).resolve().parents[5]
MAILS = sorted(str(one.relative_to(ROOT / "templates")) for one in (ROOT / "templates").rglob("*_message.txt"))
HOSTILE = '<script>alert(1)</script> & "Eve" <img src=x onerror=1> \u202eEVIL'
OWN = "https://infactor.example/page/?a=1&b=2"
GUIDE = "https://infactor.example/help/for-buyers/"


class Hostile(str):
    """Whatever a template asks of it, it answers with hostile text; asked for rows, it has two."""

    __slots__ = ()

    def __new__(cls, text: str = HOSTILE) -> "Hostile":
        return super().__new__(cls, text)

    def __getattr__(self, name: str) -> "Hostile":
        if name.startswith("__") or name in ("weekday", "strftime", "day", "month", "year", "hour", "minute"):
            raise AttributeError(name)
        return Hostile(OWN) if name.endswith("url") else self

    def __iter__(self) -> Iterator[Any]:
        return iter([])


class Everything(dict):
    """A context that has every name."""

    def __missing__(self, name: str) -> Any:
        if name in ("content", "lines", "advances", "amounts", "suppliers"):
            return Hostile()
        if name in ("count", "days", "others"):
            return 3
        return Hostile(OWN) if name.endswith("url") or name in ("address", "tasks", "home", "choices") else Hostile()

    def __contains__(self, name: object) -> bool:
        return name not in ("True", "False", "None", "block", "forloop")


class Words(HTMLParser):
    """The words that a reader of the page sees, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._skipped += tag in ("style", "title")
        self.links += [value or "" for name, value in attrs if tag == "a" and name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words += data.split()


def read(page: str) -> Words:
    found = Words()
    found.feed(page)
    return found


def spoken(words: list[str]) -> list[str]:
    """Words without the signs that only a text needs: colons, quotes and rules."""
    bare = [word.strip(":") for word in words]
    return sorted(word for word in bare if word and not re.fullmatch(r"[>-]+", word))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    filters = formatting.register.filters
    before = filters["money_text"]
    filters["money_text"] = lambda amount, currency: "$1,080.00"
    builtins = django_settings.TEMPLATES[0]["OPTIONS"]["builtins"]
    yield Engine(dirs=[str(ROOT / "templates")], builtins=builtins, autoescape=False)
    filters["money_text"] = before


@pytest.mark.django_db
def test_every_mail_says_the_same_in_html_and_lets_no_data_be_markup(engine: Engine, settings: Settings) -> None:
    settings.QUICKBOOKS_REDIRECT_URI = "https://infactor.example/callback"
    assert len(MAILS) > 60
    for name in MAILS:
        context = Context(autoescape=False)
        context.dicts.append(Everything())
        body = engine.get_template(name).render(context)
        mail.outbox.clear()
        outbox.enqueue(key=name, to="ann@example.com", subject=HOSTILE, body=body, settings_url=f"{OWN}#mails")
        assert outbox.send_due(now=lambda: NOON).sent == 1, name
        (message,) = mail.outbox
        page = message.alternatives[0].content
        found = read(page)
        assert found.tags <= {
            "html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "p", "br", "bdi",
            "a", "div",
        }, name  # fmt: skip
        assert "\u202e" not in message.subject + message.body + page, name
        assert set(found.links) <= {OWN, f"{OWN}#mails", GUIDE}, name
        urls = re.findall(r"https://infactor\.example\S+", message.body)
        text = re.sub(r"https://infactor\.example\S+", " ", message.body)
        assert sorted(found.links) == sorted(urls), name
        default = ["Open", "in", "infactor"]
        left = spoken(found.words)
        for word in default if "Open in infactor" in page else ():
            left.remove(word)
        assert left == spoken(text.split()), name
        assert html.escape("<script>alert(1)</script>", quote=False) in page or "<script>" not in message.body, name


def test_only_addresses_of_infactor_become_buttons(settings: Settings) -> None:
    settings.QUICKBOOKS_REDIRECT_URI = "https://infactor.example/callback"
    text = "\n\n".join(
        [
            "Pay here: https://evil.example/pay",
            "https://infactor.example.evil.example/",
            "https://infactor.example@evil.example/",
            "javascript:alert(1)",
            "View invoice: https://infactor.example/i/1/",
            "Settings: https://infactor.example/s/",
        ]
    )
    assert [(one.kind, one.url) for one in blocks_of(text) if one.url] == [
        (Kind.BUTTON, "https://infactor.example/i/1/"),
        (Kind.LINK, "https://infactor.example/s/"),
    ]


def test_what_somebody_else_wrote_stands_as_a_quote() -> None:
    written = "Too late\n\n  Account: 123\nView invoice: https://testserver/"
    kinds = [one.kind for one in blocks_of(f"They said:\n{formatting.quoted(written)}\n\nBye")]
    assert kinds == [Kind.PARAGRAPH, Kind.QUOTE, Kind.PARAGRAPH]


def test_it_needs_nothing_from_elsewhere() -> None:
    page = html_of(subject="Hello", text="Hello\n\n  Amount: $5.00\n  Due: Nov 30, 2026\n\ninfactor")
    assert not re.search(r"<(img|link|script)|url\(|@import|https?://", page)
    assert 'style="' in page
    assert "prefers-color-scheme" in page
