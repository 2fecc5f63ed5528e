"""Notes: staff write them about a row, and pin what others must see first."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from infactor.core import audit
from infactor.core.plain_text import to_plain_text
from infactor.desk import subjects
from infactor.desk.models import Note
from infactor.desk.rights import WRITE_NOTES, DeskError
from infactor.users import roles
from infactor.users.models import User

MAX_LENGTH = 4000


def write(*, about: Model, text: str, by: User, at: datetime, is_pinned: bool = False) -> Note:
    """Write a note about a row. Raises NotAllowed, UnknownSubject, and DeskError without a text."""
    roles.require(by, WRITE_NOTES)
    clean = to_plain_text(text)
    if not clean or len(clean) > MAX_LENGTH:
        raise DeskError(f"Write between 1 and {MAX_LENGTH:,} characters.")
    label, pk = subjects.key_of(about)
    supplier = subjects.supplier_of(about)
    with transaction.atomic():
        note = Note.objects.create(
            subject_type=label,
            subject_id=pk,
            supplier=supplier,
            text=clean,
            author=by,
            written_at=at,
            is_pinned=is_pinned,
        )
        _record(note, "written", by=by, at=at)
    return note


def set_pinned(*, note: Note, is_pinned: bool, by: User, at: datetime) -> Note:
    """Pin a note above the others of its row, or let it go back among them. Raises NotAllowed."""
    roles.require(by, WRITE_NOTES)
    with transaction.atomic():
        locked = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
        if locked.is_pinned != is_pinned:
            locked.is_pinned = is_pinned
            locked.save(update_fields=["is_pinned"])
            _record(locked, "pinned" if is_pinned else "unpinned", by=by, at=at)
        return locked


def notes_about(*rows: Model) -> "QuerySet[Note]":
    """The notes about these rows: the pinned ones, then the others, the newest first."""
    about = Q(pk__in=[])
    for row in rows:
        label, pk = subjects.key_of(row)
        about |= Q(subject_type=label, subject_id=pk)
    return Note.objects.filter(about).select_related("author").order_by("-is_pinned", "-written_at", "-pk")


def _record(note: Note, what: str, *, by: User, at: datetime) -> None:
    audit.record(
        event=f"note.{what}",
        subject=note,
        by=by,
        at=at,
        supplier_id=note.supplier_id,
        details={"about": f"{note.subject_type}:{note.subject_id}"},
    )
