"""How wide a text is, and where its lines break. Words that are longer than a line are parted."""

from collections.abc import Iterator

from fpdf import FPDF

from infactor.core.pdf import typefaces
from infactor.core.pdf.typefaces import BOLD, REGULAR

MILLIMETRE = 72 / 25.4  # in points


class Wrapping:
    """Widths and lines of texts on one document. The widths of characters are looked up once."""

    def __init__(self, document: FPDF) -> None:
        self._document = document
        self._widths: dict[tuple[str, str], float] = {}
        self._has_fallback = False

    def add_fallback_fonts(self) -> None:
        """Add the fonts of other scripts, which a document in Latin letters does without."""
        if not self._has_fallback:
            self._has_fallback = True
            for (family, style), path in typefaces.FILES.items():
                if family != typefaces.MAIN:
                    self._document.add_font(family, style, path)
            self._document.set_fallback_fonts([typefaces.WIDE, typefaces.ASIAN], exact_match=False)

    def width(self, text: str, *, size: float, style: str = REGULAR) -> float:
        """The width of `text` in millimetres."""
        return sum(self._character(one, style) for one in text) * size / 1000 / MILLIMETRE

    def lines(self, text: str, *, width: float, size: float, style: str = REGULAR) -> list[str]:
        """`text` in lines of at most `width` millimetres: one at least."""
        limit = width * MILLIMETRE * 1000 / size
        found, line, taken = [], "", 0.0
        space = self._character(" ", style)
        for word in self._words(text, limit, style):
            needed = sum(self._character(one, style) for one in word)
            if line and taken + space + needed > limit:
                found.append(line)
                line, taken = word, needed
            else:
                line, taken = (f"{line} {word}", taken + space + needed) if line else (word, needed)
        return [*found, line]

    def _words(self, text: str, limit: float, style: str) -> Iterator[str]:
        """The words, those that are wider than a line in parts."""
        for word in text.split(" "):
            part, taken = "", 0.0
            for one in word:
                needed = self._character(one, style)
                if part and taken + needed > limit:
                    yield part
                    part, taken = "", 0.0
                part, taken = part + one, taken + needed
            if part:
                yield part

    def _character(self, character: str, style: str) -> float:
        """The width of a character, in thousandths of the size of the text."""
        known = self._widths.get((character, style))
        if known is None:
            family = typefaces.font_of(character) or typefaces.MAIN
            if family != typefaces.MAIN:
                self.add_fallback_fonts()
            own = BOLD if style == BOLD and (family, BOLD) in typefaces.FILES else REGULAR
            font = self._document.fonts[f"{family.lower()}{own}"]
            known = self._widths[character, style] = font.cw[ord(character)]  # type: ignore[index]  # fonts of fpdf2's own have names
        return known
