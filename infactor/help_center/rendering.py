"""Markdown of a help page into HTML in the site's dress, its headings and its plain text.

HTML in the Markdown is shown as text, so that a page holds nothing but what the renderer makes. Links lead to another
page by the name of its file, to a page of the site by its name (`app:dashboard:invoices`), or out (`https:`).

A heading's anchor is made of its words. A translation names the English one in a comment, `## Saldo <!-- #balance -->`:
an address leads to the same section in every language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
COMMENT = re.compile(r"[ \t]*<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^#{1,6} .*?(?:<!-- #([\w-]+) -->)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item of a list, a row of a table or a heading, as plain text, below the heading `anchor`."""

    text: str
    anchor: str
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page without its title: HTML, the blocks of its text, and the links that it holds."""

    title: str
    html: SafeString
    blocks: tuple[Block, ...]
    links: tuple[str, ...]


def render(source: str) -> Rendered:
    """Render the Markdown `source`, which begins with its title as heading of the first level."""
    tokens = parse(source)
    title = tokens[1].content if tokens and tokens[0].tag == "h1" else ""
    if title:
        del tokens[:3]
    links = tuple(_dress(tokens))
    html = PARSER.renderer.render(tokens, PARSER.options, {})
    return Rendered(
        title=title,
        html=mark_safe(html),  # noqa: S308  our own documents, in which HTML is text
        blocks=tuple(_blocks(tokens)),
        links=links,
    )


def parse(source: str) -> list[Token]:
    """The tokens of `source` without its comments; each heading has its anchor as `id`."""
    anchors = HEADING.findall(source)
    tokens = PARSER.parse(COMMENT.sub("", source))
    headings = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    for place, anchor in zip(headings, anchors, strict=True):
        tokens[place].attrSet("id", anchor or slugify(tokens[place + 1].content))
    return tokens


def address(link: str) -> str:
    """Where a link of a page leads. Raises NoReverseMatch for a page of the site that there is not."""
    if link.startswith("app:"):
        name, _, anchor = link.removeprefix("app:").partition("#")
        return reverse(name) + (f"#{anchor}" if anchor else "")
    path, _, anchor = link.partition("#")
    if path.endswith(".md") and "/" not in path:
        slug = path.removesuffix(".md")
        url = reverse("help:index") if slug == "README" else reverse("help:page", kwargs={"slug": slug})
        return url + (f"#{anchor}" if anchor else "")
    return link


def _dress(tokens: list[Token]) -> Iterator[str]:
    """Give lists and tables their classes, and links their addresses; yield the links."""
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table table-compact table-cards")
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            token.attrSet("class", "bullets")
        for child in token.children or []:
            if child.type == "link_open":
                link = str(child.attrs["href"])
                child.attrSet("href", address(link))
                yield link
    _dress_tables(tokens)


def _dress_tables(tokens: list[Token]) -> None:
    """Make the first cell of each row its heading, and name the column in each other, for a narrow screen."""
    columns: list[str] = []
    column = 0
    for place, token in enumerate(tokens):
        if token.type == "thead_open":
            columns = []
        elif token.type == "tr_open":
            column = 0
        elif token.type in ("th_open", "td_open"):
            if token.attrs.pop("style", None):  # an inline style, which the browser would refuse
                token.attrSet("class", "number")
            text = tokens[place + 1].content
            if token.type == "th_open":
                columns.append(text)
                token.attrSet("scope", "col")
            elif column == 0:
                token.tag = tokens[place + 2].tag = "th"
                token.attrSet("scope", "row")
            elif text and columns[column]:
                token.attrSet("data-label", columns[column])
            column += 1


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    anchor = ""
    cells: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "tr_close":
            yield Block(text=" · ".join(cells), anchor=anchor, is_heading=False)
            cells = []
        if token.type != "inline":
            continue
        text = plain_text(token)
        before = tokens[place - 1]
        if before.type == "heading_open":
            anchor = str(before.attrs["id"])
        if before.type in ("th_open", "td_open"):
            cells.append(text)
        else:
            yield Block(text=text, anchor=anchor, is_heading=before.type == "heading_open")


def plain_text(token: Token) -> str:
    """The words of an inline token, without marks."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or []
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
