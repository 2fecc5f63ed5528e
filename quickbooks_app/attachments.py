"""Files that a supplier attached to an invoice in QuickBooks, fetched when somebody asks for one.

Nothing is stored. QuickBooks' temporary address never leaves infactor, and only kinds of files that do nothing by
themselves are handed on, always to be saved.
"""

import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import IO, TypeVar

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from infactor.invoices.evidence import INVOICE
from infactor.invoices.models import Attachment, Invoice
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord, Timeouts
from quickbooks_app.errors import QuickBooksError
from quickbooks_app.models import Connection

Result = TypeVar("Result")
MAX_BYTES = 20 * 1024 * 1024
IN_MEMORY = 1024 * 1024
TIMEOUTS = Timeouts(connect=3, read=8, total=25)  # a person waits
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".rtf": "application/rtf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NOT_CONNECTED = _("The books are not connected now, so their files cannot be fetched. Connect them again first.")
NOT_REACHED = _("QuickBooks did not hand the file out. Try again in a few minutes, or open it in QuickBooks.")
TOO_LARGE = _("The file is larger than 20 MB: open it in QuickBooks.")
NO_FILE = _("This is a note without a file.")
OTHER_KIND = _("infactor hands on documents, tables and pictures only: open this file in QuickBooks.")


class NoFile(Exception):
    """The file cannot be handed out. The message says why, for anybody."""


def find(*, invoice: Invoice, attachment_id: int) -> Attachment | None:
    """The attachment of this invoice, None for one of another invoice or a deleted one."""
    return (
        Attachment.objects.filter(
            pk=attachment_id,
            company_file=invoice.company_file_id,
            deleted_at=None,
            lines__kind=INVOICE,
            lines__reference=invoice.qbk_invoice_id,
        )
        .distinct()
        .first()
    )


def respond(*, attachment: Attachment, now: Callable[[], datetime]) -> FileResponse:
    """The file, to be saved under its name. Raises NoFile."""
    name = _safe_name(attachment.file_name)
    content = fetch(attachment=attachment, now=now)
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type=CONTENT_TYPES[PurePath(name).suffix.lower()]
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def fetch(*, attachment: Attachment, now: Callable[[], datetime]) -> IO[bytes]:
    """The content of the file from its start, in a temporary file. Raises NoFile."""
    if not attachment.file_name:
        raise NoFile(NO_FILE)
    if PurePath(_safe_name(attachment.file_name)).suffix.lower() not in CONTENT_TYPES:
        raise NoFile(OTHER_KIND)
    if (attachment.size or 0) > MAX_BYTES:
        raise NoFile(TOO_LARGE)
    return in_session(
        company_file_id=attachment.company_file_id, read=lambda session: _read(session, attachment.reference), now=now
    )


def in_session(*, company_file_id: int, read: Callable[[ApiSession], Result], now: Callable[[], datetime]) -> Result:
    """What `read` reads with the connection of the books, while a person waits. Raises NoFile."""
    connection = (
        Connection.objects.filter(
            company_file=company_file_id,
            status=Connection.Status.CONNECTED,
            integration__is_enabled=True,
        )
        .select_related("company_file", "supplier", "integration")
        .first()
    )
    if connection is None:
        raise NoFile(NOT_CONNECTED)
    calls: deque[CallRecord] = deque()
    try:
        with closing(ApiSession(connection=connection, now=now, calls=calls, timeouts=TIMEOUTS)) as session:
            return session.call(partial(read, session))
    except QuickBooksError as error:
        raise NoFile(NOT_REACHED) from error
    finally:
        save_calls(take_calls(calls), connection=connection, run=None, at=now())


def _read(session: ApiSession, reference: str) -> IO[bytes]:
    """A file that turns out to be larger than QuickBooks said is given up."""
    content = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the response closes it
    size = 0
    try:
        for piece in session.client.download(reference):
            size += len(piece)
            if size > MAX_BYTES:
                raise NoFile(TOO_LARGE)
            content.write(piece)
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return content


def _safe_name(name: str) -> str:
    """The last part of a file's name, without anything that means something in a path or a header."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable() and sign not in '"<>:|?*').strip(" .") or "file"
