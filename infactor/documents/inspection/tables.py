"""CSV files: plain text in rows and columns, without markup and without formulas that start something."""

import csv
import re

from django.utils.translation import gettext as _

from infactor.documents.inspection.refusal import RefusedFile

_DELIMITERS = ",;\t|"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|img|meta|link)\b", re.I
)
_SCRIPT = re.compile(r"^\s*(?:#!|@echo\b|MIME-Version:|%!PS|\{\\rtf)", re.I)
_FORMULA = re.compile(r"^\s*(?:=|[+\-@].*[|!])")


def is_text(data: bytes) -> bool:
    """Whether `data` is text without control characters."""
    return not _CONTROL.search(_decoded(data[:65536]))


def check(data: bytes) -> None:
    """Raises RefusedFile for text that is no table, holds markup, or formulas."""
    text = _decoded(data)
    if _CONTROL.search(text) or _MARKUP.search(text) or _SCRIPT.search(text):
        raise RefusedFile(
            _("This file holds a page, a program or other data. Of texts, only plain CSV tables are kept.")
        )
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    if delimiter not in first:
        raise RefusedFile(_("This text has no columns. Of texts, only plain CSV tables are kept: save it as PDF."))
    try:
        cells = (cell for row in csv.reader(text.splitlines(), delimiter=delimiter) for cell in row)
        has_formula = any(_FORMULA.match(cell) for cell in cells)
    except csv.Error as error:
        raise RefusedFile(_("This CSV file cannot be read. Save it anew, then try again.")) from error
    if has_formula:
        raise RefusedFile(_("This CSV file holds formulas. Save it with their results alone, then try again."))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
