"""Uploaded tables of invoices: read and checked at once, shown, and imported once when the supplier says so."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import zstandard
from django.db import transaction
from django.utils.translation import gettext

from infactor.core import audit
from infactor.documents.inspection import RefusedFile
from infactor.documents.storage import File
from infactor.invoices.by_hand import columns, row_checks, services, tables
from infactor.invoices.by_hand.row_checks import Checked, Decision
from infactor.invoices.by_hand.values import Style, style_of
from infactor.invoices.models import InvoiceUpload
from infactor.invoices.states import State
from infactor.suppliers import access
from infactor.suppliers.models import Supplier
from infactor.users.models import User

KEPT_FOR = timedelta(days=1)
NAMESPACE = uuid.UUID("6f1d8c5e-4d0b-4d2e-9a53-0c9f1c6f4f11")  # of the keys of rows
READ_SIZE = 64 * 1024


class NothingToImport(ValueError):
    """The upload is gone, or no row of it can be imported; the message says which."""


def receive(*, supplier: Supplier, file: File, currency: str, by: User, at: datetime) -> InvoiceUpload:
    """Read and check a table. Imports nothing. Raises RefusedFile with what to do, and roles.NotAllowed.

    The same file again, while it is not imported, returns the first upload.
    """
    access.require_member(by=by, supplier=supplier)
    digest = hashlib.sha256(file.data).hexdigest()
    mine = InvoiceUpload.objects.filter(supplier=supplier, user=by, at__gt=at - KEPT_FOR)
    if (same := mine.filter(sha256=digest, state=InvoiceUpload.State.CHECKED).first()) is not None:
        return _checked(same, supplier=supplier)
    rows = tables.rows_of(file.data)
    heading = next(rows, None)
    if heading is None:
        raise RefusedFile(gettext("This file is empty. Choose another one."))
    found = columns.columns_of(heading.cells)
    packed = _packed([row.number, columns.cells_of(row.cells, columns=found)] for row in rows)
    if next(_lines(packed), None) is None:
        raise RefusedFile(gettext("This file has no rows below its heading."))
    upload = InvoiceUpload(
        supplier=supplier,
        user=by,
        at=at,
        name=_name(file.name),
        sha256=digest,
        rows=packed,
        choices={"currency": currency},
    )
    return _checked(upload, supplier=supplier)


def choose(*, upload: InvoiceUpload, by: User, choices: Mapping[str, str]) -> InvoiceUpload:
    """Check the rows again with what the supplier says of its decimals, days and currency."""
    access.require_member(by=by, supplier=upload.supplier)
    with transaction.atomic():
        locked = _lock(upload)
        locked.choices = {**locked.choices, **choices}
        return _checked(locked, supplier=upload.supplier)


def checked_rows(upload: InvoiceUpload, *, decision: str = "", start: int = 0, count: int = 50) -> list[dict[str, Any]]:
    """Some of the rows with their decisions, as `Checked.as_json` has them."""
    rows = (row for row in _lines(bytes(upload.decisions)) if not decision or row["decision"] == decision)
    return list(islice(rows, start, start + count))


def confirm(*, upload: InvoiceUpload, by: User, at: datetime, with_doubtful: bool = False) -> int:
    """Import the rows that are ready, all or none, and those in doubt only `with_doubtful`. Returns how many.

    They are checked once more under the lock: what was added meanwhile is not added again. A second time imports
    nothing, and returns the first number. Raises NothingToImport.
    """
    access.require_member(by=by, supplier=upload.supplier)
    with transaction.atomic():
        file = services.lock_file(supplier=upload.supplier)
        locked = InvoiceUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if locked is None:
            raise NothingToImport(gettext("This upload is no longer here. Upload the file again."))
        if locked.state == InvoiceUpload.State.IMPORTED:
            return locked.imported
        wanted = {Decision.READY, Decision.DOUBTFUL} if with_doubtful else {Decision.READY}
        # Evaluated in full before the first is written: a row must not be compared with itself.
        found = [
            (uuid.uuid5(NAMESPACE, f"{locked.public_id}:{one.number}"), one.entry)
            for one in _check(locked, supplier=upload.supplier)
            if one.decision in wanted and one.entry is not None
        ]
        if not found:
            raise NothingToImport(gettext("No row of this file can be imported."))
        for start in range(0, len(found), row_checks.AT_ONCE):
            services.insert(file=file, rows=found[start : start + row_checks.AT_ONCE], at=at, state=State.CREATED)
        locked.state, locked.imported, locked.imported_at = InvoiceUpload.State.IMPORTED, len(found), at
        locked.save(update_fields=["state", "imported", "imported_at", "updated_at"])
        audit.record(
            event="invoices.uploaded",
            subject=locked,
            by=by,
            at=at,
            supplier_id=upload.supplier_id,
            details={"imported": len(found), "sha256": locked.sha256},
        )
        return len(found)


def delete_expired(*, at: datetime) -> int:
    """Delete the uploads that are older than a day, imported or not. Returns how many."""
    deleted, _ = InvoiceUpload.objects.filter(at__lte=at - KEPT_FOR).delete()
    return deleted


def _lock(upload: InvoiceUpload) -> InvoiceUpload:
    locked = InvoiceUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
    if locked is None or locked.state != InvoiceUpload.State.CHECKED:
        raise NothingToImport(gettext("This upload is imported, or no longer here."))
    return locked


def _checked(upload: InvoiceUpload, *, supplier: Supplier) -> InvoiceUpload:
    counts: Counter[str] = Counter()

    def counted() -> Iterator[dict[str, Any]]:
        for one in _check(upload, supplier=supplier):
            counts[one.decision] += 1
            yield one.as_json()

    upload.decisions = _packed(counted())
    upload.counts = {str(decision): counts[decision] for decision in Decision}
    upload.save()
    return upload


def _check(upload: InvoiceUpload, *, supplier: Supplier) -> Iterator[Checked]:
    rows = bytes(upload.rows)
    told = style_of(
        amounts=(cells.get(name, "") for _, cells in _lines(rows) for name in ("amount", "tax")),
        days=(cells.get(name, "") for _, cells in _lines(rows) for name in ("issued", "due")),
    )
    said = upload.choices
    style = Style(decimal=said.get("decimal") or told.decimal, days=said.get("days") or told.days)
    read = ((number, cells) for number, cells in _lines(rows))
    return row_checks.check(supplier=supplier, rows=read, style=style, currency=said.get("currency", ""))


def _packed(lines: Iterable[Any]) -> bytes:
    packer = zstandard.ZstdCompressor().compressobj()
    parts = [packer.compress(json.dumps(line, separators=(",", ":")).encode() + b"\n") for line in lines]
    return b"".join([*parts, packer.flush()])


def _lines(packed: bytes) -> Iterator[Any]:
    """The JSON lines, one by one: no more than a piece of them is unpacked at a time."""
    rest = b""
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        while part := reader.read(READ_SIZE):
            *lines, rest = (rest + part).split(b"\n")
            yield from map(json.loads, lines)


def _name(name: str) -> str:
    kept = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return kept[-120:] or "table"
