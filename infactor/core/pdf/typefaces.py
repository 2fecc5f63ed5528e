"""The fonts of a document, and the text that they can print: Inter, then DejaVu Sans, then Droid Sans Fallback."""

import functools
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

from infactor.core.plain_text import to_plain_text

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = "", "B"  # the styles, as fpdf2 names them
MAIN, WIDE, ASIAN = "Inter", "DejaVu", "Droid"
FILES = {
    (MAIN, REGULAR): FOLDER / "Inter-Regular.ttf",
    (MAIN, BOLD): FOLDER / "Inter-SemiBold.ttf",
    (WIDE, REGULAR): FOLDER / "DejaVuSans.ttf",
    (WIDE, BOLD): FOLDER / "DejaVuSans-Bold.ttf",
    (ASIAN, REGULAR): FOLDER / "DroidSansFallback.ttf",
}
# What no font can draw is seen to be missing. Inter and DejaVu both have this sign.
MISSING = "\N{REPLACEMENT CHARACTER}"
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def printable(text: object) -> str:
    """`text` in one line, without characters that nobody sees or that turn the direction of text around.

    A character that no font has becomes MISSING.
    """
    line = unicodedata.normalize("NFC", to_plain_text(str(text), multiline=False))
    if _characters(MAIN).issuperset(line):
        return line
    return "".join(one if font_of(one) else MISSING for one in line)


@functools.cache
def font_of(character: str) -> str:
    """The first font that has `character`; "" if none has it."""
    return next((family for family in (MAIN, WIDE, ASIAN) if character in _characters(family)), "")


def is_plain(text: str) -> bool:
    """Whether the main font alone can print `text`."""
    return _characters(MAIN).issuperset(text)


def has_right_to_left(text: str) -> bool:
    """Whether a part of `text` is read from right to left, so that its letters must be joined and ordered."""
    return not text.isascii() and any(unicodedata.bidirectional(one) in RIGHT_TO_LEFT for one in text)


@functools.cache
def _characters(family: str) -> frozenset[str]:
    """What a font can print. Read once a process: the Asian one has 33,000 characters."""
    with TTFont(FILES[family, REGULAR], lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))
