"""Normalizes text for search: lower case, no accents, no invisible characters."""

import unicodedata

# Unicode categories of zero-width characters, bidirectional marks, controls and combining accents.
INVISIBLE_CATEGORIES = {"Cf", "Cc", "Mn"}


def normalize(text: str) -> str:
    """`text` in lower case without accents and invisible characters: "Café\\u200f" becomes "cafe"."""
    if text.isascii() and text.isprintable():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (" " if character.isspace() else character for character in decomposed)
    return "".join(c for c in kept if unicodedata.category(c) not in INVISIBLE_CATEGORIES).casefold()
