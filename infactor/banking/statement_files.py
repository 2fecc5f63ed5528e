"""Statement files: kept when they are uploaded, read again when somebody looks at them or confirms them."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infactor.banking.errors import BankingError
from infactor.banking.formats import csv_file, csv_layout, detection
from infactor.banking.formats.csv_layout import Detection
from infactor.banking.formats.records import ParsedFile, UnreadableFile
from infactor.banking.models import HouseAccount, StatementFile
from infactor.core import audit
from infactor.users import roles
from infactor.users.models import User

IMPORT_STATEMENTS = "banking.import_statements"
KEPT_UNCONFIRMED = timedelta(days=14)


@dataclass(frozen=True)
class ReadFile:
    """What a file holds; of a CSV file its layout, too, and nothing else while the layout is not decided."""

    parsed: ParsedFile | None
    detection: Detection | None = None


def upload(*, name: str, data: bytes, account: HouseAccount | None, by: User, at: datetime) -> StatementFile:
    """Keep a file until somebody confirms it. Raises NotAllowed, UnreadableFile, BankingError (CSV without account)."""
    roles.require(by, IMPORT_STATEMENTS)
    format_ = detection.format_of(data=data)
    if format_ == detection.CSV and account is None:
        raise BankingError("A CSV file does not say whose it is. Choose the house account.")
    file = StatementFile(
        name=(name.strip() or "statement")[-200:],
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        format=format_,
        account=account,
        content=base64.b64encode(zlib.compress(data)).decode(),
        uploaded_by=by,
        uploaded_at=at,
    )
    read(file=file)  # what cannot be read is not kept
    file.save()
    audit.record(event="statement_file.uploaded", subject=file, by=by, at=at, details={"format": format_})
    return file


def read(*, file: StatementFile) -> ReadFile:
    """What an uploaded file holds. Raises UnreadableFile."""
    data = zlib.decompress(base64.b64decode(file.content))
    if file.format != detection.CSV:
        return ReadFile(detection.parse(data=data, format=file.format))
    account = file.account
    found = csv_layout.detect(
        data=data, saved=account.csv_layout if account is not None else None, chosen=file.chosen_layout
    )
    if found.undecided:
        return ReadFile(None, found)
    return ReadFile(csv_file.parse(detection=found, currency=account.currency if account is not None else ""), found)


def choose_layout(*, file: StatementFile, chosen: Mapping[str, Any], by: User) -> StatementFile:
    """Say how a CSV file is read where it does not decide it. Raises NotAllowed, UnreadableFile."""
    roles.require(by, IMPORT_STATEMENTS)
    file.chosen_layout = dict(chosen)
    read(file=file)
    file.save(update_fields=["chosen_layout", "updated_at"])
    return file


def same_content(*, file: StatementFile) -> StatementFile | None:
    """A file with the same bytes that was imported before."""
    rows = StatementFile.objects.filter(digest=file.digest, status=StatementFile.Status.IMPORTED).exclude(pk=file.pk)
    found: StatementFile | None = rows.order_by("pk").first()
    return found


def delete_unconfirmed(*, at: datetime) -> int:
    """Delete files that nobody has confirmed. Returns how many."""
    rows = StatementFile.objects.filter(status=StatementFile.Status.UPLOADED, uploaded_at__lt=at - KEPT_UNCONFIRMED)
    return rows.delete()[0]


__all__ = [
    "IMPORT_STATEMENTS",
    "ReadFile",
    "UnreadableFile",
    "choose_layout",
    "delete_unconfirmed",
    "read",
    "same_content",
    "upload",
]
