"""Keeps documents: added, replaced by a new version, deleted with a reason, and read again."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.core.plain_text import to_plain_text
from infactor.documents import inspection, readers, subjects
from infactor.documents.models import Document, Kind, Piece
from infactor.users import roles
from infactor.users.models import User

PIECE_BYTES = 256 * 1024


class CannotKeep(ValueError):
    """This document cannot be added, replaced or deleted; the message says why."""


class DamagedDocument(Exception):
    """The stored bytes are not those that were uploaded."""


@dataclass(frozen=True)
class File:
    """A file as somebody sent it."""

    name: str
    data: bytes = field(repr=False)

    @classmethod
    def sent(cls, upload: UploadedFile) -> "File":
        """What a form received: of a file that is too large, only as much as shows that it is."""
        return cls(upload.name or "", upload.read(settings.DOCUMENT_MAX_BYTES + 1))


def add(*, subject: models.Model, kind: str, file: File, by: User | None, at: datetime, note: str = "") -> Document:
    """Staff add a document about `subject`.

    Raises inspection.RefusedFile, CannotKeep for a kind that the subject does not have, and roles.NotAllowed without
    `documents.keep_documents` or for a kind that `by` may not read.
    """
    user = roles.require(by, readers.KEEP)
    if not readers.may_read(user, kind):
        raise roles.NotAllowed(_("Your role does not read documents of this kind."))
    return receive(subject=subject, kind=kind, file=file, by=user, at=at, note=note)


def replace(*, document: Document, file: File, by: User | None, at: datetime, note: str = "") -> Document:
    """Staff add the next version of `document`, which is kept. Raises what `add` raises."""
    user = roles.require(by, readers.KEEP)
    if not readers.may_read(user, document.kind):
        raise roles.NotAllowed(_("Your role does not read documents of this kind."))
    subject = document.subject
    if subject is None:
        raise CannotKeep(_("What this document is about no longer exists."))
    return receive(subject=subject, kind=document.kind, file=file, by=user, at=at, note=note, replaces=document)


def receive(
    *,
    subject: models.Model,
    kind: str,
    file: File,
    by: User | None,
    at: datetime,
    note: str = "",
    sent_by: str = "",
    replaces: Document | None = None,
) -> Document:
    """Keep a file about `subject`; the caller has checked that `by` may. Raises what `add` raises, but NotAllowed.

    Where nobody is signed in, `by` is None and `sent_by` says in words who sent it.
    `replaces` is the version before it, of the same subject and kind.
    """
    if kind not in subjects.kinds_of(subject):
        raise CannotKeep(
            _("%(name)s pages have no documents of this kind.") % {"name": capfirst(subject._meta.verbose_name)}
        )
    found = inspection.inspect(file.data)
    with transaction.atomic():
        if replaces is not None:
            replaces = Document.objects.select_for_update(of=("self",)).get(pk=replaces.pk)
            if hasattr(replaces, "replaced_by"):
                raise CannotKeep(_("Somebody has replaced this version already. Replace the newest one."))
        document = Document.objects.create(
            content_type=ContentType.objects.get_for_model(subject),
            object_id=subject.pk,
            supplier_id=subjects.supplier_id_of(subject),
            kind=kind,
            name=inspection.clean_name(file.name, format=found),
            note=" ".join(note.split())[:200],
            media_type=found.media_type,
            size=len(file.data),
            sha256=hashlib.sha256(file.data).hexdigest(),
            version=replaces.version + 1 if replaces else 1,
            replaces=replaces,
            uploaded_by=by,
            sent_by=to_plain_text(sent_by, multiline=False)[:300],
            uploaded_at=at,
        )
        for place, start in enumerate(range(0, len(file.data), PIECE_BYTES)):
            encoded = base64.b64encode(file.data[start : start + PIECE_BYTES]).decode()
            Piece.objects.create(document=document, place=place, data=encoded)
        audit.record(
            event="document.added",
            subject=document,
            by=by,
            at=at,
            supplier_id=document.supplier_id,
            details={
                "about": f"{subject._meta.label_lower}:{subject.pk}",
                "kind": str(kind),
                "version": document.version,
                "sha256": document.sha256,
            },
        )
        return document


def delete(*, document: Document, reason: str, by: User | None, at: datetime) -> Document:
    """Drop the bytes of one version for good; what was there, by whom and why it is gone stays.

    Raises reasons.ReasonMissing, CannotKeep where it is deleted already or proves something in force, and
    roles.NotAllowed as `add`.
    """
    user = roles.require(by, readers.KEEP)
    said = reasons.require_reason(reason)
    if not readers.may_read(user, document.kind):
        raise roles.NotAllowed(_("Your role does not read documents of this kind."))
    with transaction.atomic():
        locked = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        return drop(document=locked, reason=said, by=user, at=at)


def drop(*, document: Document, reason: str, by: User, at: datetime) -> Document:
    """`delete` for a caller who has checked that `by` may. Raises CannotKeep."""
    with transaction.atomic():
        locked = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if locked.deleted_at is not None:
            raise CannotKeep(_("Somebody has deleted this document already."))
        if why := subjects.why_held(locked):
            raise CannotKeep(why)
        locked.deleted_at, locked.deleted_by, locked.deletion_reason = at, by, reason
        locked.save(update_fields=["deleted_at", "deleted_by", "deletion_reason", "updated_at"])
        Piece.objects.filter(document=locked).delete()
        audit.record(
            event="document.deleted", subject=locked, by=by, at=at, supplier_id=locked.supplier_id, reason=reason
        )
        return locked


def read(*, document: Document) -> bytes:
    """The bytes as they were uploaded. Raises DamagedDocument where they are not, keys.DecryptionError."""
    data = b"".join(_pieces(document))
    if len(data) != document.size or hashlib.sha256(data).hexdigest() != document.sha256:
        raise DamagedDocument(_("Document %(pk)s is not stored as it was uploaded.") % {"pk": document.pk})
    return data


def documents_of(subject: models.Model) -> QuerySet[Document]:
    """Every version of every document about `subject`, the newest first; deleted ones too."""
    return Document.objects.filter(
        content_type=ContentType.objects.get_for_model(subject), object_id=subject.pk
    ).select_related("uploaded_by")


def newest(subject: models.Model, *kinds: Kind) -> QuerySet[Document]:
    """The newest version of each document about `subject`, of `kinds` if any are given, without deleted ones."""
    rows = documents_of(subject).filter(deleted_at=None, replaced_by=None)
    return rows.filter(kind__in=kinds) if kinds else rows


def _pieces(document: Document) -> Iterator[bytes]:
    for piece in Piece.objects.filter(document=document).order_by("place").iterator(chunk_size=8):
        yield base64.b64decode(piece.data)
