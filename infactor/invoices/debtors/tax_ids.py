"""Tax numbers as books give them, whole or with their first signs hidden: for comparing, and for showing little."""

import re

from infactor.invoices.search_text import fold

SHORTEST = 6
_HIDDEN = re.compile(r"[*#•]|[Xx]{2,}")
_SIGNS = re.compile(r"[^\W_]+")


def is_whole(number: str) -> bool:
    """Whether every sign of `number` is there, and there are enough of them to know somebody by."""
    signs = compared(number)
    return not _HIDDEN.search(number) and len(signs) >= SHORTEST and any(sign.isdigit() for sign in signs)


def compared(number: str) -> str:
    """`number` for comparing: "DE 123.456.789" becomes "de123456789"."""
    return "".join(_SIGNS.findall(fold(number)))


def masked(number: str) -> str:
    """`number` as staff see it: behind dots its last four signs, none of a number that is hardly longer."""
    signs = compared(number)
    shown = signs[-4:] if _HIDDEN.search(number) or len(signs) > SHORTEST else ""
    return f"••••{shown}" if number else ""
