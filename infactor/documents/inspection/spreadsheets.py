"""XLSX files that hold figures only: without macros, other files and links outwards, and no larger than they say."""

import re
import zipfile
import zlib
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.documents.inspection.refusal import RefusedFile

MAX_PARTS, MAX_UNPACKED = 2_000, 100_000_000
_PIECE = 1_000_000
_ACTIVE = re.compile(
    r"vbaproject|macrosheets|activex|embeddings|externallinks|\.(?:bin|exe|dll|js|vbs)$", re.IGNORECASE
)
_HARMLESS = re.compile(r"^xl/printersettings/", re.IGNORECASE)
_BROKEN = gettext_lazy("This XLSX file cannot be read. Save it anew, then try again.")


def check(data: bytes) -> None:
    """Raises RefusedFile for another kind of archive, for a broken one, a bomb, or one that does anything by itself."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_parts(archive)
            _unpack(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise RefusedFile(_BROKEN) from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise RefusedFile(_("Of archives, only XLSX files are kept. Send each file by itself."))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise RefusedFile(_("This XLSX file unpacks to far too much. Send a smaller table."))
    if any(part.flag_bits & 0x1 for part in parts):
        raise RefusedFile(_("This XLSX file is protected by a password. Save it without one, then try again."))
    if any(_ACTIVE.search(name) and not _HARMLESS.search(name) for name in names):
        raise RefusedFile(
            _("This XLSX file holds macros, other files or links. Save the figures alone, then try again.")
        )


def _unpack(archive: zipfile.ZipFile) -> None:
    """Read all of it: what says less than it holds fails here, by its checksum."""
    left = MAX_UNPACKED
    for part in archive.infolist():
        with archive.open(part) as content:
            tail = b""
            while piece := content.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise RefusedFile(_("This XLSX file unpacks to far too much. Send a smaller table."))
                if b"<!ENTITY" in tail + piece or b"<!DOCTYPE" in tail + piece:
                    raise RefusedFile(_BROKEN)
                tail = piece[-16:]
