"""A list of staff as a file: all rows that it has with its filters and its search, in its order."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import IO, Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils.text import capfirst, slugify

from infactor.core import csv_files, downloads, prepared_files, spreadsheets
from infactor.core.business_day import business_day
from infactor.core.csv_files import Cell
from infactor.core.lists.columns import ListColumns, rows_of
from infactor.core.models import ListExport

ROWS_AT_ONCE = 500
READ_SIZE = 64 * 1024
CONTENT_TYPES = {ListExport.Format.CSV: downloads.CSV, ListExport.Format.XLSX: spreadsheets.CONTENT_TYPE}
WIDTH_OF_TEXT, WIDTH_OF_VALUE = 28, 16
# Of the address of a list: which page of it is shown, which says nothing about which rows it has.
ABOUT_THE_PAGE = (PAGE_VAR, "all", "_popup", "_to_field", "e")


class ListFile:
    """The list of `model_admin` as the person of `request` sees it with the filters of its address.

    Raises IncorrectLookupParameters for filters that the list does not know.
    """

    def __init__(self, model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
        self.query = filters_of(request.GET)
        request.GET = QueryDict(self.query)
        self.list: ChangeList = model_admin.get_changelist_instance(request)
        self._columns = ListColumns(model_admin, request)
        read_for_rows = getattr(model_admin, "read_for_rows", None)
        self._read_for = read_for_rows and partial(read_for_rows, request=request)
        self._title = capfirst(str(model_admin.opts.verbose_name_plural))

    @property
    def count(self) -> int:
        return int(self.list.result_count)

    def name(self, file_format: str, *, at: datetime) -> str:
        """The name of the file, with infactor's day: advances-2026-11-20.csv."""
        return f"{slugify(self._title)}-{business_day(at).isoformat()}.{file_format}"

    def parts(self, file_format: str, *, at: datetime) -> Iterator[bytes]:
        """The file in parts, while the rows come."""
        rows = rows_of(self._columns, self.list.queryset, at_once=ROWS_AT_ONCE, read_for=self._read_for)
        if file_format == ListExport.Format.XLSX:
            return self._workbook(rows, at=at)
        lines = csv_files.csv_lines(header=self._columns.titles, rows=rows)
        return (line.encode() for line in lines)

    def _workbook(self, rows: Iterator[Sequence[Cell]], *, at: datetime) -> Iterator[bytes]:
        with tempfile.TemporaryFile() as file:
            book = spreadsheets.Workbook(cast("IO[bytes]", file), title=self._title, created=at)
            titles = self._columns.titles
            book.write_heading(
                titles, widths=[WIDTH_OF_VALUE if one else WIDTH_OF_TEXT for one in self._columns.narrow]
            )
            for row in rows:
                book.write_row(row)
            book.close()
            file.seek(0)
            while part := file.read(READ_SIZE):
                yield part


def filters_of(given: QueryDict) -> str:
    """The filters, the search and the order of the address of a list, without what only chooses a page."""
    kept = [(name, value) for name, values in given.lists() if name not in ABOUT_THE_PAGE for value in values]
    return urlencode(kept)


def write(export: ListExport, at: datetime) -> tuple[bytes, int]:
    """The compressed file that `export` asks for, and how many rows it has, with the rights that its person has now."""
    file = ListFile(*_list_of(export))
    content = prepared_files.compressed(file.parts(export.file_format, at=at))
    return content, file.count


def model_admin_of(label: str) -> admin.ModelAdmin:
    """The list of a model, by "financing.advance". Raises LookupError where there is none."""
    for model, model_admin in admin.site._registry.items():
        if model._meta.label_lower == label:
            return model_admin
    raise LookupError(label)


def _list_of(export: ListExport) -> tuple[admin.ModelAdmin, HttpRequest]:
    """The list, with a request as its person would send it. Raises PermissionError if they may not see it now."""
    model_admin = model_admin_of(export.listed)
    opts = model_admin.opts
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_export", args=[export.file_format])
    request: Any = HttpRequest()
    request.method, request.path, request.GET = "GET", address, QueryDict(export.query)
    request.user, request.resolver_match = export.user, resolve(address)
    if not (export.user.is_active and export.user.is_staff and model_admin.has_view_permission(request)):
        raise PermissionError(f"{export.user.pk} may not see {export.listed}")
    return model_admin, request
