"""Staff look before they do: type on a page that shows what it would do, then confirm exactly that."""

import re

from django.http import HttpResponse
from django.test import Client

SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


def look(client: Client, address: str, **typed: object) -> HttpResponse:
    """What the page says that `typed` would do."""
    return client.post(address, {**typed, "look": "Look"})  # type: ignore[return-value]


def look_and_do(client: Client, address: str, **typed: object) -> HttpResponse:
    """The answer to confirming what was looked at."""
    found = SEEN.search(look(client, address, **typed).content.decode())
    return client.post(address, {**typed, "do": "Do", "seen": found[1] if found else ""})  # type: ignore[return-value]


def words(page: HttpResponse) -> str:
    """What can be read on a page."""
    buttons = re.sub(r'<input type="submit"[^>]*? value="([^"]*)"[^>]*>', r" \1 ", page.content.decode())
    shown = re.sub(r"<[^>]+>", " ", buttons)
    return " ".join(shown.replace("&#x27;", "'").replace("&quot;", '"').split())
