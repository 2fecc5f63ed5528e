"""Prepares long files in a worker, keeps each for a day, then deletes it.

A row of a `PreparedFile` is the work; the broker only notifies. A worker holds the row's lock while it writes the file,
so two never write the same one, and one that dies gives it back.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
import zstandard
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, QuerySet

from infactor.core import languages
from infactor.core.models import PreparedFile

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=1)
MAX_ATTEMPTS = 3
READ_SIZE = 64 * 1024

File = TypeVar("File", bound=PreparedFile)
# Writes the file of a row: its compressed content, and how many rows it has.
Write = Callable[[Any, datetime], tuple[bytes, int]]


def request(model: type[File], *, by: Any, at: datetime, **wanted: object) -> File:
    """Ask for a file. While an earlier one of the same person is waiting, that one is returned."""
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update(no_key=True).get(pk=by.pk)
        waiting = model._default_manager.filter(user=by, state=PreparedFile.State.WAITING).first()
        if waiting is not None:
            return waiting
        return model._default_manager.create(user=by, asked_at=at, **wanted)


def kept(model: type[File], *, by: Any, at: datetime) -> "QuerySet[File]":
    """The files that `by` asked for, until they expire."""
    return model._default_manager.filter(user=by, asked_at__gt=at - KEPT_FOR).defer("content")


def waiting_ids(model: type[File]) -> list[int]:
    """The files that still have to be prepared, the one asked for first in front."""
    rows = model._default_manager.filter(state=PreparedFile.State.WAITING).order_by("asked_at", "pk")
    return list(rows.values_list("pk", flat=True))


def prepare(model: type[File], *, pk: int, write: Write, now: Callable[[], datetime]) -> bool:
    """Write the file. False if there is nothing to do: it is written already, or another worker writes it.

    An attempt is counted before it begins. After MAX_ATTEMPTS that killed their worker the file has failed.
    """
    row = model._default_manager.filter(pk=pk, state=PreparedFile.State.WAITING)
    with transaction.atomic():
        file = row.select_for_update(skip_locked=True, of=("self",)).first()
        if file is None:
            return False
        if file.attempts >= MAX_ATTEMPTS:
            row.update(state=PreparedFile.State.FAILED, finished_at=now())
            log.error("export_failed", export=pk, attempts=file.attempts)
            return False
        row.update(attempts=F("attempts") + 1)
    with transaction.atomic():
        file = row.select_for_update(skip_locked=True, of=("self",)).first()
        if file is None:
            return False
        with languages.writing_in(file.user.language):  # a worker has no reader of its own
            content, rows = write(file, now())
        row.update(state=PreparedFile.State.READY, content=content, rows=rows, finished_at=now())
    return True


def compressed(parts: Iterable[bytes]) -> bytes:
    """The parts as the content of a row; they are compressed one by one."""
    compressor = zstandard.ZstdCompressor().compressobj()
    found = [compressor.compress(part) for part in parts]
    return b"".join([*found, compressor.flush()])


def parts(file: PreparedFile) -> Iterator[bytes]:
    """The content of the file, in parts."""
    reader = zstandard.ZstdDecompressor().stream_reader(bytes(file.content or b""))
    while part := reader.read(READ_SIZE):
        yield part


def delete_expired(model: type[File], *, at: datetime) -> int:
    """Delete the files that are older than a day. Returns how many."""
    deleted, _ = model._default_manager.filter(asked_at__lte=at - KEPT_FOR).delete()
    return deleted
