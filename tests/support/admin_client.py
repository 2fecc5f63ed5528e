"""Test client for staff's pages: preview an action, then confirm exactly what was previewed."""

import re

from django.http import HttpResponse
from django.test import Client

PREVIEW_TOKEN = re.compile(r'name="preview_token" value="([0-9a-f]{64})"')


def confirm(client: Client, address: str, **form: str) -> HttpResponse:
    """Confirm the page at `address` with `form`, and return the response."""
    found = PREVIEW_TOKEN.search(client.get(address).content.decode())
    return client.post(address, {**form, "preview_token": found[1] if found else ""})  # type: ignore[return-value]


def preview(client: Client, address: str, **typed: object) -> HttpResponse:
    """The preview page of what `typed` would do."""
    return client.post(address, {**typed, "preview": "Preview"})  # type: ignore[return-value]


def preview_and_confirm(client: Client, address: str, **typed: object) -> HttpResponse:
    """Preview, confirm exactly that, and return the response."""
    found = PREVIEW_TOKEN.search(preview(client, address, **typed).content.decode())
    return client.post(address, {**typed, "confirm": "Confirm", "preview_token": found[1] if found else ""})  # type: ignore[return-value]


def filled_in(client: Client, address: str) -> dict[str, str]:
    """What the form of a page has been filled in with: its inputs by their names, without boxes and buttons."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]+>", client.get(address).content.decode()):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attributes.get("type") in ("number", "text", "hidden") and "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    return found


def visible_text(page: HttpResponse) -> str:
    """The text that a person can read on a page."""
    buttons = re.sub(r'<input type="submit"[^>]*? value="([^"]*)"[^>]*>', r" \1 ", page.content.decode())
    shown = re.sub(r"<[^>]+>", " ", buttons)
    return " ".join(shown.replace("&#x27;", "'").replace("&quot;", '"').split())
