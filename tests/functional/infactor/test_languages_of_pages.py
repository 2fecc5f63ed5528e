"""Every page of suppliers and buyers, and every mail, is translated: walked in a made-up language that marks each text.

⟦ and ⟧ stand around each text that went through gettext, with what was filled into it. What people read outside of the
marks must be data: something that a row holds, a number, or a name.
"""

import gettext as gettext_module
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import trans_real

from infactor.core.email.html_part import html_of
from infactor.core.models import OutgoingMail
from tests.support.scenarios import lifecycle

pytestmark = pytest.mark.django_db
BEGIN, END = "⟦", "⟧"
CONTEXT = "\x04"
DATA = re.compile(r"\S+@\S+|\b[A-Z]{2}-[0-9A-F]{8}\b")  # addresses, and numbers of notices and answers
WORD = re.compile(r"[^\W\d_]{2,}")
FORMATS = {"F Y", "F j, Y", "M j, Y, H:i", "M j, Y, H:i e", "l, F j, Y", "l, M j"}
READ_BY_PEOPLE = {"aria-label", "title", "placeholder", "alt", "data-label"}
# Names and codes, which are the same in every language.
NAMES = {
    *("infactor", "QuickBooks", "Online", "Intuit", "English", "Español", "CSV", "XLSX", "PDF", "JSON", "ZIP"),
    *("Esc", "Ctrl"),
    *("USD", "EUR", "SSN", "EIN", "ID"),
    *("UTC", "EST", "EDT", "PST", "PDT"),
    "United",  # States: Babel names countries
    "States",
    # Months and weekdays are Django's, and marked inside of a date.
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}  # fmt: skip
# The columns of a file, which are read in English.
COLUMNS = {"Buyer", "Currency", "Due", "Purchase", "Tax"}
# One page of each kind is enough where many rows have the same.
PAGES_OF_A_KIND = 3
LEFT_OUT = ("admin:", "account_logout", "dashboard:design", "help:", "quickbooks:help")  # help is documents


class Marking(gettext_module.NullTranslations):
    """A language in which every text is itself, between marks. Formats of dates are left as they are."""

    domain, plural = "django", staticmethod(lambda number: int(number != 1))

    def language(self) -> str:
        return "en"

    def to_language(self) -> str:
        return "en"

    def gettext(self, message: str) -> str:
        context, _, text = message.rpartition(CONTEXT)
        return text if context == "date format" or text in FORMATS else f"{BEGIN}{text}{END}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Words(HTMLParser):
    """The words of a page outside of the marks, each with some of the text around it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.links: list[str] = []
        self._text: list[str] = []
        self._hidden = ""
        self._term = 0  # how deep inside the explanation of a term, which is a document, too

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "textarea"):
            self._hidden = tag
        given = {name: value or "" for name, value in attrs}
        if tag == "option" and "/" in given.get("value", ""):  # a time zone: "Europe/Vienna" has no translation
            self._hidden = tag
        if tag == "span" and (self._term or given.get("class") == "term-text"):
            self._term += 1
        for name in READ_BY_PEOPLE & given.keys():
            self.found += outside_marks(given[name])
        if tag == "a":
            self.links.append(given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        if tag == "span" and self._term:
            self._term -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden and not self._term:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self.found += outside_marks(" ".join(self._text))


def outside_marks(text: str) -> Iterator[tuple[str, str]]:
    depth, plain = 0, []
    for character in text:
        depth += (character == BEGIN) - (character == END)
        plain.append(character if depth <= 0 and character not in (BEGIN, END) else "\x00")
    left = DATA.sub("", "".join(plain))
    for match in WORD.finditer(left):
        yield match[0], " ".join(left[max(0, match.start() - 30) : match.end() + 30].replace("\x00", "").split())


def words_of_rows() -> set[str]:
    """Every word that some row holds."""
    found: set[str] = set()
    for model in apps.get_models():
        fields = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField, models.JSONField, models.UUIDField))
        ]
        for row in model._base_manager.values_list(*fields) if fields else ():
            for value in row:
                found.update(WORD.findall(str(value or "")))
    return found


def read(page: str) -> Words:
    words = Words()
    words.feed(unescape(page) if "<" not in page else page)
    words.close()
    return words


@pytest.fixture
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    marking = Marking()
    monkeypatch.setitem(trans_real._translations, "en", marking)  # type: ignore[attr-defined]
    monkeypatch.setattr(trans_real, "_default", marking)


def walk(client: Client, starts: list[str]) -> Iterator[tuple[str, Words]]:
    """Every page that links lead to from `starts`, some of each kind."""
    waiting, seen, kinds = list(starts), set(starts), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        try:
            name = resolve(path).view_name
        except Resolver404:
            continue
        kinds[name] += 1
        if name.startswith(LEFT_OUT) or kinds[name] > PAGES_OF_A_KIND:
            continue
        response = client.get(address, follow=True)
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            continue
        words = read(response.text)
        yield name, words
        links = [link.partition("#")[0] for link in words.links if link.startswith("/")]
        fresh = [link for link in dict.fromkeys(links) if link not in seen]
        seen.update(fresh)
        waiting += fresh


@pytest.mark.usefixtures("_marked")
def test_no_text_of_a_page_or_a_mail_escapes_translation(client: Client) -> None:
    made = lifecycle.build(now=timezone.now())
    client.force_login(made.scenario.owner)
    starts = [
        reverse(f"dashboard:{name}")
        for name in (
            "home",
            "home_figures",
            "settings",
            "invoice_upload",
            "bank_change",
            "documents",
            "terms",
            "privacy",
        )
    ]
    pages = [*walk(client, [*starts, f"{reverse('dashboard:financing_request_new')}?amount=1500&currency=USD"])]
    stranger = Client()
    public = ("account_login", "account_signup", "account_reset_password", "account_email_verification_sent")
    pages += walk(stranger, [reverse("dashboard:home"), *map(reverse, public), "/buyer/no-such-link/"])
    mails = [(mail.key, f"{mail.subject}\n{mail.body}") for mail in OutgoingMail.objects.all()]
    pages += [(key, read(html_of(subject="", text=text))) for key, text in mails]
    known = words_of_rows() | NAMES | COLUMNS
    missed = {
        f"{name}: {word} ({around})" for name, words in pages for word, around in words.found if word not in known
    }
    assert len({name for name, _ in pages}) > 40
    assert not missed, "\n".join(sorted(missed))
