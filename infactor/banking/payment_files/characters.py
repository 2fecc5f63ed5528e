"""Text in the few characters that payment files carry."""

import re
import unicodedata

from infactor.core.plain_text import to_plain_text

_SPELT = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H",
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "×": "x", "€": "EUR", "£": "GBP",
})  # fmt: skip
_NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SPELT_IN_SEPA = str.maketrans({"&": "+", "_": "-", '"': "'", ";": ",", "[": "(", "]": ")", "{": "(", "}": ")"})
# Signs that XML 1.0 cannot carry, and those that Unicode will never assign.
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def to_ascii(text: str) -> str:
    """`text` in one line of printable ASCII: letters without accents; what has no Latin form is left out."""
    spelt = to_plain_text(text, multiline=False).translate(_SPELT)
    plain = unicodedata.normalize("NFKD", spelt).translate(_SPELT)
    return " ".join("".join(sign for sign in plain if " " <= sign <= "~").split())


def to_sepa(text: str) -> str:
    """`text` in the characters of SEPA. Other signs become a space."""
    return " ".join(_NOT_SEPA.sub(" ", to_ascii(text).translate(_SPELT_IN_SEPA)).split())


def to_unicode(text: str) -> str:
    """`text` in one line as XML carries it."""
    return to_plain_text(_NOT_XML.sub("", text), multiline=False)


def has_letters(text: str) -> bool:
    """Whether somebody can be called by this: it has a letter or a digit."""
    return any(sign.isalnum() for sign in text)
