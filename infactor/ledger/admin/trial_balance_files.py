"""The trial balance as CSV and as an Excel workbook."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.csv_files import Cell, csv_lines
from infactor.core.translatable import Text
from infactor.ledger.trial_balance import Line

KINDS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BALANCES = (
    *(
        gettext_lazy("No."),
        gettext_lazy("Account"),
        gettext_lazy("Type"),
        gettext_lazy("Currency"),
        gettext_lazy("Opening debit"),
        gettext_lazy("Opening credit"),
    ),
    *(gettext_lazy("Debits"), gettext_lazy("Credits"), gettext_lazy("Closing debit"), gettext_lazy("Closing credit")),
)
ENTRIES = (
    gettext_lazy("Value date"),
    gettext_lazy("Transaction"),
    gettext_lazy("Description"),
    gettext_lazy("Debit"),
    gettext_lazy("Credit"),
)


def balance_row(line: Line) -> list[Cell]:
    """One line, with each balance on its side."""
    zero = Decimal("0.00")
    sides = [max(line.before, zero), max(-line.before, zero), line.debits, line.credits]
    return [line.number, line.name, line.type, line.currency, *sides, max(line.after, zero), max(-line.after, zero)]


def response(kind: str, *, name: str, columns: Sequence[Text], rows: Iterable[Sequence[Cell]]) -> HttpResponseBase:
    """The file to save, made row by row."""
    if kind == "csv":
        return StreamingHttpResponse(
            csv_lines(header=[str(one) for one in columns], rows=rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Trial balance"))
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns), 18)
    for number, row in enumerate(chain([columns], rows)):
        for place, cell in enumerate(row):
            match cell:
                case Decimal():
                    sheet.write_number(number, place, cell, money)
                case date():
                    sheet.write_datetime(number, place, cell, day)
                case _:
                    sheet.write_string(number, place, str(cell or ""), bold if number == 0 else None)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
