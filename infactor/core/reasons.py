"""Why something was decided, in words that somebody else understands later."""

SHORTEST = 5


class ReasonMissing(ValueError):
    """A decision without a reason."""


def said(reason: str) -> str:
    """`reason` in one line. Raises ReasonMissing for less than a word or two."""
    words = " ".join(reason.split())
    if len(words) < SHORTEST:
        raise ReasonMissing("Say why in a sentence that somebody else understands later.")
    return words
