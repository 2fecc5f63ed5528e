"""Writing: a supplier's message and the answer of staff, each with files, kept once however often it is sent."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.money import format_number
from infactor.core.plain_text import to_plain_text
from infactor.correspondence import emails, threads
from infactor.correspondence.models import Message, Thread
from infactor.correspondence.threads import About, MessageRefused
from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.documents.storage import File
from infactor.financing.models import Case
from infactor.suppliers.access import require_member
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from infactor.verification.models import Verification

MAX_LENGTH = 4000
MAX_FILES = 5
DAY = timedelta(days=1)


def write(
    *,
    supplier: Supplier,
    about: About | None,
    key: uuid.UUID,
    text: str,
    files: Sequence[File] = (),
    by: User | None,
    at: datetime,
    stance: str = "",
    case: Case | None = None,
    verification: Verification | None = None,
) -> Message:
    """An owner or Finance writes to staff. The same `key` of the same person again returns the first message.

    Raises MessageRefused, documents' RefusedFile and CannotKeep, and roles.NotAllowed for readers and strangers.
    """
    user = require_member(by=by, supplier=supplier)
    clean = _checked(text, files)
    with transaction.atomic():
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        if (known := _sent_before(key, supplier=supplier, by=user)) is not None:
            return known
        _require_below_limit(supplier, at=at)
        thread = threads.find_or_open(supplier=supplier, about=about, at=at)
        message = Message.objects.create(
            public_id=key,
            thread=thread,
            supplier=supplier,
            author=user,
            is_from_staff=False,
            text=clean,
            written_at=at,
            stance=stance,
            case=case,
            verification=verification,
        )
        _keep_files(message, files, kind=Kind.CREDIT_NOTE if stance == Message.Stance.ACCEPTS else Kind.OTHER)
        is_first = thread.waiting_since is None
        thread.waiting_since, thread.last_written_at = thread.waiting_since or at, at
        thread.save(update_fields=["waiting_since", "last_written_at", "updated_at"])
        _record(message, len(files))
        if is_first:  # more of the same, while nobody has answered, is no news
            emails.supplier_wrote(message=message)
        return message


def answer(
    *,
    supplier: Supplier,
    about: About | None,
    key: uuid.UUID,
    text: str,
    files: Sequence[File] = (),
    by: User | None,
    at: datetime,
) -> Message:
    """Staff write to a supplier: what waited is answered, and its people are told. Otherwise as `write`."""
    user = roles.require(by, threads.ANSWER_SUPPLIERS)
    clean = _checked(text, files)
    with transaction.atomic():
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        if (known := _sent_before(key, supplier=supplier, by=user)) is not None:
            return known
        thread = threads.find_or_open(supplier=supplier, about=about, at=at)
        message = Message.objects.create(
            public_id=key,
            thread=thread,
            supplier=supplier,
            author=user,
            is_from_staff=True,
            text=clean,
            written_at=at,
        )
        _keep_files(message, files, kind=Kind.OTHER)
        thread.waiting_since, thread.last_written_at = None, at
        thread.assigned_to = thread.assigned_to or user
        thread.save(update_fields=["waiting_since", "last_written_at", "assigned_to", "updated_at"])
        _record(message, len(files))
        emails.staff_wrote(message=message)
        return message


def sent_before(*, supplier: Supplier, key: uuid.UUID, by: User) -> Message | None:
    """The message that the form with this `key` has made already, where `by` sent it."""
    return _sent_before(key, supplier=supplier, by=by)


def files_of(messages: Sequence[Message]) -> dict[int, list[Document]]:
    """The files of these messages that nobody deleted, by message. One query."""
    found: dict[int, list[Document]] = {}
    rows = Document.objects.filter(
        content_type=ContentType.objects.get_for_model(Message),
        object_id__in=[one.pk for one in messages],
        deleted_at=None,
        replaced_by=None,
    )
    for document in rows.order_by("pk"):
        found.setdefault(document.object_id, []).append(document)
    return found


def files_for_supplier(supplier: Supplier) -> "QuerySet[Document]":
    """Every file of the messages that `supplier` wrote or got."""
    about = ContentType.objects.get_for_model(Message)
    return Document.objects.filter(Q(deleted_at=None, replaced_by=None), content_type=about, supplier_id=supplier.pk)


def _checked(text: str, files: Sequence[File]) -> str:
    clean = to_plain_text(text)
    if not clean:
        raise MessageRefused(_("Write a message."))
    if len(clean) > MAX_LENGTH:
        raise MessageRefused(
            _("Write at most %(max_length)s characters.") % {"max_length": format_number(Decimal(MAX_LENGTH))}
        )
    if len(files) > MAX_FILES:
        raise MessageRefused(_("Attach at most %(max_files)s files to a message.") % {"max_files": MAX_FILES})
    if sum(len(one.data) for one in files) > settings.DOCUMENT_MAX_BYTES:
        size = settings.DOCUMENT_MAX_BYTES // 1_000_000  # as the form says it
        raise MessageRefused(_("The files of a message may have %(size)s MB together.") % {"size": size})
    return clean


def _sent_before(key: uuid.UUID, *, supplier: Supplier, by: User) -> Message | None:
    found = Message.objects.select_related("thread").filter(public_id=key).first()
    if found is None:
        return None
    if found.supplier_id != supplier.pk or found.author_id != by.pk:
        raise MessageRefused(_("Reload the page, then send your message again."))
    return found


def _require_below_limit(supplier: Supplier, *, at: datetime) -> None:
    written = Message.objects.filter(supplier=supplier, is_from_staff=False, written_at__gt=at - DAY)
    if written.count() >= settings.MESSAGES_PER_DAY:
        raise MessageRefused(
            _("Your company has written %(number)s messages in a day. Write again tomorrow, or call us.")
            % {"number": settings.MESSAGES_PER_DAY}
        )


def _keep_files(message: Message, files: Sequence[File], *, kind: Kind) -> None:
    for file in files:
        storage.receive(subject=message, kind=kind, file=file, by=message.author, at=message.written_at)


def _record(message: Message, files: int) -> None:
    audit.record(
        event="message.written",
        subject=message,
        by=message.author,
        at=message.written_at,
        supplier_id=message.supplier_id,
        details={"thread": message.thread_id, "files": files, "stance": str(message.stance)},
    )


def thread_messages(thread: Thread) -> "QuerySet[Message]":
    """The messages of a thread, the oldest first, with who wrote them."""
    return Message.objects.filter(thread=thread).select_related("author").order_by("written_at", "pk")
