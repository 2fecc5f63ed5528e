"""Compares and masks tax ids, which accounting systems give in full or with their first characters hidden."""

import re

from infactor.invoices.search_text import normalize

MIN_LENGTH = 6
_HIDDEN = re.compile(r"[*#•]|[Xx]{2,}")
_ALPHANUMERIC = re.compile(r"[^\W_]+")


def is_complete(number: str) -> bool:
    """Whether no character of `number` is hidden, and it is long enough to identify a company."""
    characters = normalized_tax_id(number)
    is_long_enough = len(characters) >= MIN_LENGTH and any(character.isdigit() for character in characters)
    return is_long_enough and not _HIDDEN.search(number)


def normalized_tax_id(number: str) -> str:
    """`number` in the form that is compared: "DE 123.456.789" becomes "de123456789"."""
    return "".join(_ALPHANUMERIC.findall(normalize(number)))


def masked(number: str) -> str:
    """`number` as staff see it: dots and the last four characters, or only dots if it is hardly longer."""
    characters = normalized_tax_id(number)
    shown = characters[-4:] if _HIDDEN.search(number) or len(characters) > MIN_LENGTH else ""
    return f"••••{shown}" if number else ""
