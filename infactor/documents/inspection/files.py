"""The format of a file by its content, never by its name; and a name that is safe to save it under."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.documents.inspection import images, pdf, spreadsheets, tables
from infactor.documents.inspection.refusal import RefusedFile

MAX_NAME = 100
FORMATS = gettext_lazy("PDF, PNG, JPEG, WebP, CSV or XLSX")


@dataclass(frozen=True)
class Format:
    """A format that is kept: how a file of it begins, and the check of everything else."""

    media_type: str
    extensions: tuple[str, ...]  # the first is added to a name that has none of them
    is_meant: Callable[[bytes], bool]
    check: Callable[[bytes], None]


KEPT = (
    Format("application/pdf", (".pdf",), lambda data: data.startswith(b"%PDF-"), pdf.check),
    Format("image/png", (".png",), lambda data: data.startswith(images.PNG), images.check_png),
    Format("image/jpeg", (".jpg", ".jpeg"), lambda data: data.startswith(b"\xff\xd8\xff"), images.check_jpeg),
    Format("image/webp", (".webp",), lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", images.check_webp),
    Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (".xlsx",),
        lambda data: data.startswith(b"PK\x03\x04"),
        spreadsheets.check,
    ),
    Format("text/csv", (".csv",), tables.is_text, tables.check),
)


def inspect(data: bytes) -> Format:
    """The format of `data`. Raises RefusedFile for everything that is not kept."""
    if not data:
        raise RefusedFile(_("This file is empty. Choose another one."))
    if len(data) > settings.DOCUMENT_MAX_BYTES:
        raise RefusedFile(
            _("This file is larger than %(size)s MB. Make it smaller.")
            % {"size": settings.DOCUMENT_MAX_BYTES // 1_000_000}
        )
    found = next((one for one in KEPT if one.is_meant(data)), None)
    if found is None:
        raise RefusedFile(_("This file is none of %(formats)s. Save it as PDF, then try again.") % {"formats": FORMATS})
    found.check(data)
    return found


def clean_name(name: str, *, format: Format) -> str:
    """The last part of `name` without anything that means something in a path or header, with the format's ending."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>:|?*;')
    kept = " ".join(kept.split()).strip(" .")
    stem, suffix = PurePath(kept).stem, PurePath(kept).suffix.lower()
    if suffix not in format.extensions:
        stem, suffix = kept, format.extensions[0]
    return f"{stem[: MAX_NAME - len(suffix)].strip(' .') or 'document'}{suffix}"
