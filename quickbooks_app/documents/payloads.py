"""Payloads of documents: compressed on their way into the database, checked on their way out."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import structlog

from infactor.core import compression
from infactor.core.compression import Packer, UnreadableValue
from quickbooks_app.models import Document, DocumentVersion

log = structlog.get_logger(__name__)

PURPOSE = "quickbooks_document"
SHIPPED = Path(__file__).with_name("initial.dictionary")  # docs/operations/history.md says how it was made


def digest_of(raw: bytes) -> bytes:
    """What tells whether an object has changed: the BLAKE2b-128 hash of its bytes."""
    return hashlib.blake2b(raw, digest_size=16).digest()


def packer() -> Packer:
    """The packer of new payloads. One query."""
    return compression.packer(purpose=PURPOSE, shipped=SHIPPED)


def read(document: Document | DocumentVersion) -> bytes:
    """The bytes as QuickBooks sent them. Raises UnreadableValue if what is stored is not what was received."""
    return read_all([document])[0]


def read_readable(documents: Iterable[Document]) -> list[bytes]:
    """The bytes of the documents, without those that are not what was received, which are logged."""
    rows = list(documents)
    try:
        return read_all(rows)
    except UnreadableValue:
        found = []
        for one in rows:
            try:
                found.append(read(one))
            except UnreadableValue:
                log.error("document_unreadable", document=one.pk)
        return found


def read_all(documents: Iterable[Document | DocumentVersion]) -> list[bytes]:
    """The same for many documents, with one query. Raises UnreadableValue."""
    rows = list(documents)
    raws = compression.unpack_many((bytes(one.payload), one.dictionary_id) for one in rows)
    for one, raw in zip(rows, raws, strict=True):
        if digest_of(raw) != bytes(one.digest):
            raise UnreadableValue(f"{one} is not what was received.")
    return raws
