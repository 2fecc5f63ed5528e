"""Email addresses in the free text of a field of the books: which can be used, and which is meant first.

The eligibility rule and the sender of requests both ask here, so what passes the rule is what a request goes to.
"""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MAX_LENGTH = 254
_QUOTED_NAME = re.compile(r'"[^"]*"(?=\s*<)')
_SEPARATOR = re.compile(r"[,;]")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_AROUND = "\"'()[]<>"


def is_usable(address: str) -> bool:
    """Whether mail can be sent to `address`, one complete address."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= MAX_LENGTH


def usable_addresses(text: str) -> list[str]:
    """The addresses in `text`, each once, in order, parted by commas, semicolons or spaces, or as `Name <address>`.

    Empty where the first of them cannot be used: the next one may be somebody else's, and nobody chose it.
    """
    found = list(dict.fromkeys(_written_addresses(text)))
    if not found or not is_usable(found[0]):
        return []
    return [address for address in found if is_usable(address)]


def _written_addresses(text: str) -> Iterator[str]:
    """Everything in `text` that is meant as an address, usable or not. Words without an @ are names."""
    for part in _SEPARATOR.split(_QUOTED_NAME.sub(" ", text)):
        written = _IN_BRACKETS.findall(part) or part.split()
        for one in written:
            address = one.strip().strip(_AROUND).removeprefix("mailto:")
            if "@" in address:
                yield address
