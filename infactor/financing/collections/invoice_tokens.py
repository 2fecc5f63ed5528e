"""Finds numbers of invoices and advances in the text of a payment, by whole words only. Pure."""

import re
from collections.abc import Iterator

from infactor.invoices.invoice_numbers import normalized_number
from infactor.invoices.search_text import normalize

MAX_WORDS = 5  # of one invoice number: "RE 2026-11/0017 a"
MIN_CORE_LENGTH = 3  # of the figures of a number, where its letters are left out
BETWEEN_FIGURES = "~"  # 2026-0017 is not 20260017
_WORD = re.compile(r"[^\W_]+")
_ADVANCE = re.compile(r"\b(?:advance\s*#?|a#?)(\d{1,18})\b", re.IGNORECASE)


def number_form(number: str) -> str:
    """An invoice number in the form that is compared: "INV-1001", "inv 1001" and "INV1001" are the same."""
    return _together(_WORD.findall(normalize(number)))


def core_form(number: str) -> str:
    """What is left of a number without the words around it: "1001"; empty where that is too little to find."""
    core = normalized_number(number)
    return core if len(core) >= MIN_CORE_LENGTH and any(one.isdecimal() for one in core) else ""


def forms_in(text: str) -> frozenset[str]:
    """Every run of whole words of `text` in the form of `number_form`."""
    words = _WORD.findall(normalize(text))
    return frozenset(_runs(words))


def words_in(text: str) -> frozenset[str]:
    """The words of `text`, as `core_form` writes them."""
    return frozenset(word.lstrip("0") or "0" for word in _WORD.findall(normalize(text)))


def advances_in(text: str) -> frozenset[int]:
    """The numbers of advances that `text` names, like A17 or "advance 17"."""
    return frozenset(int(found) for found in _ADVANCE.findall(text))


def numbers_in(text: str) -> frozenset[str]:
    """The words of `text` that hold figures and may be numbers of invoices, to compare two payments."""
    return frozenset(word for word in words_in(text) if len(word) >= MIN_CORE_LENGTH and re.search(r"\d", word))


def _runs(words: list[str]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            yield _together(words[start:end])


def _together(words: list[str]) -> str:
    joined = ""
    for word in words:
        both_figures = joined[-1:].isdecimal() and word[:1].isdecimal()
        joined += f"{BETWEEN_FIGURES}{word}" if both_figures else word
    return joined
