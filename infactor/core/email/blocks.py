"""The blocks of a mail's text, from which its HTML part is made: both parts say the same.

How a text is written, so that its HTML part shows what is meant:

- two spaces and `Label: value`: a row of a table of figures. Neighbouring rows are one table.
- `Label: address` or an address alone, on a line of its own: a link. The first link of a mail is its button.
- `> ` before each line: what somebody else wrote (filter `quoted`).
- a line of dashes: what follows is small print.
- `infactor` as the last line: the signature, shown as the brand.

Only addresses on infactor's own hosts become links: nobody else's text can add a button.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.utils.translation import gettext

SIGNATURE = "infactor"
_FIGURE = re.compile(r" {2}(?P<label>[^\s:][^:]{0,59}):\s+(?P<value>\S.*)")
_LINK = re.compile(r"\s*(?:(?P<label>[^\s:][^:]{0,79}):\s+)?(?P<url>https?://[^\s<>\"]+)\s*")
_INLINE = re.compile(r"(https?://[^\s<>\"]+)")
_QUOTE = re.compile(r"> ?(?P<text>.*)")
_RULE = re.compile(r"-{10,}\s*")


class Kind(StrEnum):
    """How a block is shown."""

    PARAGRAPH = "paragraph"
    FIGURES = "figures"
    BUTTON = "button"
    LINK = "link"
    QUOTE = "quote"
    RULE = "rule"


@dataclass
class Block:
    """One block. `lines` of a paragraph or a quote, `rows` of figures, `label` and `url` of a link or a button."""

    kind: Kind
    lines: list[str] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    label: str = ""
    url: str = ""
    is_small: bool = False

    @property
    def pieces(self) -> list[list[tuple[str, bool]]]:
        """The lines, each as texts and whether they are addresses of infactor's own: links within a sentence."""
        return [
            [(text, bool(_INLINE.fullmatch(text)) and _is_own(text)) for text in _INLINE.split(line) if text]
            for line in self.lines
        ]


def blocks_of(text: str) -> list[Block]:
    """The blocks of `text`, without the signature."""
    lines = text.rstrip().split("\n")
    if lines and lines[-1].strip() == SIGNATURE:
        lines.pop()
    found: list[Block] = []
    is_small = has_button = False
    for one in _merged(lines):
        if one.kind == Kind.RULE:
            is_small = True
        one.is_small = is_small
        if one.kind == Kind.LINK and not has_button and not is_small:
            one.kind, has_button = Kind.BUTTON, True
        found.append(one)
    return found


def _merged(lines: list[str]) -> Iterator[Block]:
    """Lines of one kind that follow each other are one block; an empty line ends it."""
    current: Block | None = None
    for line in lines:
        one = _block_of(line)
        if current is not None and (one is None or one.kind != current.kind or one.kind in (Kind.LINK, Kind.RULE)):
            yield current
            current = None
        if one is None:
            continue
        if current is None:
            current = one
        else:
            current.lines += one.lines
            current.rows += one.rows
    if current is not None:
        yield current


def _block_of(line: str) -> Block | None:
    if not line.strip():
        return None
    if _RULE.fullmatch(line):
        return Block(Kind.RULE)
    if quote := _QUOTE.fullmatch(line):
        return Block(Kind.QUOTE, lines=[quote["text"]])
    if (link := _LINK.fullmatch(line)) and _is_own(link["url"]):
        return Block(Kind.LINK, label=link["label"] or gettext("Open in infactor"), url=link["url"])
    if figure := _FIGURE.fullmatch(line):
        return Block(Kind.FIGURES, rows=[(figure["label"], figure["value"].strip())])
    return Block(Kind.PARAGRAPH, lines=[line.strip()])


def _is_own(url: str) -> bool:
    """Whether `url` leads to infactor."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    own = {urlsplit(settings.QUICKBOOKS_REDIRECT_URI).hostname, settings.ADMIN_HOST} - {None, ""}
    return host in own or validate_host(host, [one for one in settings.ALLOWED_HOSTS if one != "*"])
