"""Text as people search it: without case, accents, and signs that cannot be seen."""

import unicodedata

# Zero-width signs, bidirectional marks and controls: invisible, so nobody types them into a search.
INVISIBLE = {"Cf", "Cc", "Mn"}


def fold(text: str) -> str:
    """`text` lower-cased, accents and invisible signs taken off: "Café\\u200f" becomes "cafe"."""
    if text.isascii() and text.isprintable():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (" " if character.isspace() else character for character in decomposed)
    return "".join(c for c in kept if unicodedata.category(c) not in INVISIBLE).casefold()
