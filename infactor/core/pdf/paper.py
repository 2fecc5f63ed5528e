"""Paper: a PDF of letter pages with a letterhead, text, facts, tables that go on over pages, and "Page 2 of 3"."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import XPos, YPos

from infactor.core.pdf import typefaces
from infactor.core.pdf.cells import Cell, Column
from infactor.core.pdf.typefaces import BOLD, REGULAR, printable
from infactor.core.pdf.wrapping import Wrapping

# In millimetres; a letter page is 215.9 x 279.4.
MARGIN, FOOTER = 18.0, 16.0
Colour = tuple[int, int, int]
LEADING = 1.38  # of the size of the text
INK, MUTED, LINE = (28, 32, 38), (92, 99, 110), (208, 212, 218)
BODY, TABLE, SMALL, TITLE, HEADING = 9.5, 8.5, 7.8, 18.0, 11.5  # in points


class Paper(FPDF):
    """One document. The same content `at` the same moment gives the same bytes.

    `reference` stands at the foot of every page. Every text is cleaned and may be in any script.
    """

    def __init__(
        self, *, title: str, at: datetime, reference: str, language: str = "en", is_wide: bool = False
    ) -> None:
        orientation = "landscape" if is_wide else "portrait"
        super().__init__(orientation, format="Letter", unit="mm", enforce_compliance="PDF/A-2U")
        self.reference = printable(reference)
        self.set_title(printable(title))
        self.set_author("infactor")
        self.set_lang(language)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_creation_date(at)
        self.set_xmp_metadata(_metadata(title=printable(title), at=at))
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        for (family, style), path in typefaces.FILES.items():
            if family == typefaces.MAIN:
                self.add_font(family, style, path)
        self.wrapping = Wrapping(self)
        self.add_page()

    def finished(self) -> bytes:
        """The file."""
        return bytes(self.output())

    # The pages.

    def footer(self) -> None:
        """`reference` and the number of the page. fpdf2 calls it."""
        baseline = self.h - FOOTER / 2
        self._text(self.l_margin, baseline, self.reference, size=SMALL, colour=MUTED)
        pages = _("Page %(number)s of %(count)s") % {"number": self.page_no(), "count": self.str_alias_nb_pages}
        self._cell(self.w - self.r_margin - 24, baseline, pages, size=SMALL)  # fpdf2 fills in the number of pages

    def fits(self, height: float) -> bool:
        """Whether `height` millimetres are left on this page."""
        return bool(self.y + height <= self.h - FOOTER)

    def require(self, height: float) -> None:
        """Begin a new page unless `height` is left on this one."""
        if not self.fits(height):
            self.add_page()

    # The parts of a letter.

    def letterhead(self, *, sender: Sequence[str], recipient: Sequence[str], side: Sequence[str] = ()) -> None:
        """Who writes at the top; to whom on the left, and what the letter is about on the right, below a line."""
        for number, line in enumerate(sender):
            self._line(line, style=REGULAR if number else BOLD, size=SMALL if number else HEADING)
        self.y += 2
        self._rule()
        top = self.y = self.y + 5
        for line in recipient:
            for part in self.wrapping.lines(printable(line), width=self.epw * 0.55, size=BODY):
                self._line(part)
        bottom, self.y = self.y, top
        for line in side:
            self._line(line, colour=MUTED, align="R")
        self.y = max(bottom, self.y) + 7

    def title_line(self, text: str) -> None:
        for line in self.wrapping.lines(printable(text), width=self.epw, size=TITLE, style=BOLD):
            self._line(line, size=TITLE, style=BOLD)
        self.y += 1

    def heading(self, text: str) -> None:
        self.require(48)  # not alone at the foot of a page
        self.y += 5
        self._line(text, size=HEADING, style=BOLD)
        self.y += 1

    def paragraph(self, text: str, *, is_small: bool = False) -> None:
        size = SMALL if is_small else BODY
        for line in self.wrapping.lines(printable(text), width=self.epw, size=size):
            self.require(_height(size))
            self._line(line, size=size, colour=MUTED if is_small else INK)
        self.y += 2.2

    def facts(self, rows: Iterable[tuple[str, str]], *, last_is_total: bool = False) -> None:
        """Amounts or words with their names, in two columns."""
        found = list(rows)
        for number, (name, value) in enumerate(found):
            is_total = last_is_total and number == len(found) - 1
            self.require(_height(BODY) + 2)
            if is_total:
                self._rule(width=self.epw * 0.62)
                self.y += 1
            style = BOLD if is_total else REGULAR
            baseline = self.y + _height(BODY) * 0.76
            self._text(self.l_margin, baseline, printable(name), style=style)
            self._right(self.l_margin + self.epw * 0.62, baseline, printable(value), style=style)
            self.y += _height(BODY) + 0.8
        self.y += 2

    # Tables.

    def rows_table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, foot: Sequence[Cell] = ()
    ) -> None:
        """A table whose head stands on every page. A row is parted only if it is longer than a page."""
        widths = [one.share / sum(column.share for column in columns) * self.epw for one in columns]
        self.require(26)
        self._head(columns, widths)
        for row in rows:
            self._row(columns, widths, row)
        if foot:
            self._row(columns, widths, [Cell(one.text, one.notes, is_bold=True) for one in foot])
        self.y += 3

    def _head(self, columns: Sequence[Column], widths: Sequence[float]) -> None:
        parted = [self._lines(one.title, width, SMALL, BOLD) for one, width in zip(columns, widths, strict=True)]
        height = max(map(len, parted)) * _height(SMALL)
        for column, width, x, lines in zip(columns, widths, self._starts(widths), parted, strict=True):
            for number, line in enumerate(lines, start=1):
                baseline = self.y + height - (len(lines) - number) * _height(SMALL) - 1
                self._placed(x, baseline, line, width=width, column=column, size=SMALL, style=BOLD, colour=MUTED)
        self.y += height + 0.8
        self._rule(colour=MUTED)

    def _row(self, columns: Sequence[Column], widths: Sequence[float], row: Sequence[Cell]) -> None:
        """One row. What does not fit on a page of its own goes on on the next."""
        parted = [self._cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
        whole = max((sum(_height(size) for _, size, _ in lines) for lines in parted), default=0.0) + 2.4
        if not self.fits(whole):
            self.add_page()
            self._head(columns, widths)
        while True:
            top = bottom = self.y + 1.2
            unprinted = []
            for column, width, x, lines in zip(columns, widths, self._starts(widths), parted, strict=True):
                y, taken = top, 0
                for line, size, style in lines:
                    if y + _height(size) > self.h - FOOTER:
                        break
                    y += _height(size)
                    colour = INK if size == TABLE else MUTED
                    self._placed(
                        x, y - _height(size) * 0.24, line, width=width, column=column, size=size, style=style,
                        colour=colour,
                    )  # fmt: skip
                    taken += 1
                unprinted.append(lines[taken:])
                bottom = max(bottom, y)
            self.y = bottom + 1.2
            if not any(unprinted):
                break
            parted = unprinted
            self.add_page()
            self._head(columns, widths)
        self._rule()

    def _cell_lines(self, cell: Cell, width: float) -> list[tuple[str, float, str]]:
        """The lines of a cell, each with size and style."""
        style = BOLD if cell.is_bold else REGULAR
        lines = self._lines(cell.text, width, TABLE, style) if cell.text else []
        found = [(one, TABLE, style) for one in lines]
        for note in cell.notes:
            found += [(one, SMALL, REGULAR) for one in self._lines(note, width, SMALL)]
        return found

    def _lines(self, text: str, width: float, size: float, style: str = REGULAR) -> list[str]:
        return self.wrapping.lines(printable(text), width=width - 2, size=size, style=style)

    def _starts(self, widths: Sequence[float]) -> list[float]:
        return [self.l_margin + sum(widths[:number]) for number in range(len(widths))]

    # Text and lines.

    def _placed(
        self, x: float, baseline: float, text: str, *, width: float, column: Column, size: float, style: str,
        colour: Colour,
    ) -> None:  # fmt: skip
        if column.is_number:
            self._right(x + width, baseline, text, size=size, style=style, colour=colour)
        else:
            self._text(x, baseline, text, size=size, style=style, colour=colour)

    def _line(
        self, text: str, *, size: float = BODY, style: str = REGULAR, colour: Colour = INK, align: str = "L"
    ) -> None:
        baseline = self.y + _height(size) * 0.76
        if align == "R":
            self._right(self.w - self.r_margin, baseline, printable(text), size=size, style=style, colour=colour)
        else:
            self._text(self.l_margin, baseline, printable(text), size=size, style=style, colour=colour)
        self.y += _height(size)

    def _right(self, x: float, baseline: float, text: str, *, size: float = BODY, style: str = REGULAR,
               colour: Colour = INK) -> None:  # fmt: skip
        width = self.wrapping.width(text, size=size, style=style)
        self._text(x - width, baseline, text, size=size, style=style, colour=colour)

    def _text(self, x: float, baseline: float, text: str, *, size: float = BODY, style: str = REGULAR,
              colour: Colour = INK) -> None:  # fmt: skip
        """Print `text` with its baseline there. Only other scripts go the slow way, through fallback fonts."""
        self.set_font(typefaces.MAIN, style, size)
        self.set_text_color(*colour)
        if typefaces.is_plain(text):
            self.text(x, baseline, text)
            return
        self.wrapping.add_fallback_fonts()
        self.set_text_shaping(typefaces.has_right_to_left(text))
        self._cell(x, baseline, text, size=size)
        self.set_text_shaping(False)

    def _cell(self, x: float, baseline: float, text: str, *, size: float) -> None:
        y = self.y
        self.set_xy(x - self.c_margin, baseline - size / self.k * 0.8)
        self.cell(0, size / self.k, text, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.set_xy(self.l_margin, y)
        self.current_font_is_set_on_page = False  # the cell has restored the font before it: `text` must set it again

    def _rule(self, *, width: float | None = None, colour: Colour = LINE) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.y, self.l_margin + (width or self.epw), self.y)


def _metadata(*, title: str, at: datetime) -> str:
    """The metadata of PDF/A. What fpdf2 writes by itself has the time of the clock in it."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    return f"""\
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmp:CreateDate="{moment}" xmp:ModifyDate="{moment}"
    pdfaid:part="2" pdfaid:conformance="U">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>infactor</rdf:li></rdf:Seq></dc:creator>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""


def _height(size: float) -> float:
    """The height of a line of text of `size` points, in millimetres."""
    return size * LEADING * 25.4 / 72
