"""Transactional outbox for email.

A message is stored as a row in the transaction of the action that it reports, and a task sends it afterwards. A worker
claims a message with one compare-and-set UPDATE, so two workers never send the same one. A worker that dies after the
mail server accepted a message and before the row says so sends it again: at-least-once delivery.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from infactor.core import languages
from infactor.core.email.blocks import SIGNATURE
from infactor.core.email.html_part import html_of
from infactor.core.models import OutgoingMail
from infactor.core.plain_text import INVISIBLE_CHARACTERS, to_plain_text

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
INITIAL_BACKOFF, MAX_BACKOFF = (
    timedelta(minutes=1),
    timedelta(hours=6),
)  # eight attempts within about a day
BATCH_SIZE = 100


@dataclass(frozen=True)
class DeliveryResult:
    """What one run did: messages sent, and messages that failed and are retried later or given up."""

    sent: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Message:
    """A message for `enqueue` or `enqueue_all`, which say what its fields are. It is in the language active now."""

    key: str
    to: str
    subject: str
    body: str
    supplier_id: int | None = None
    settings_url: str = ""
    unsubscribe_url: str = ""
    language: str = field(default_factory=languages.current)

    def row(self) -> OutgoingMail:
        """The message as it is kept; not saved."""
        return OutgoingMail(
            key=self.key,
            to=self.to,
            subject=_subject(self.subject),
            body=_body(self.body, settings_url=self.settings_url),
            language=self.language,
            supplier_id=self.supplier_id,
            unsubscribe_url=self.unsubscribe_url,
        )


def enqueue_all(messages: Iterable[Message]) -> None:
    """`enqueue` for many messages, in one query. Those whose key exists already are left out."""
    OutgoingMail.objects.bulk_create([one.row() for one in messages], ignore_conflicts=True)


def enqueue(
    *,
    key: str,
    to: str,
    subject: str,
    body: str,
    supplier_id: int | None = None,
    reply_to: str = "",
    settings_url: str = "",
    erase_body_once_sent: bool = False,
) -> bool:
    """Store a message in the caller's transaction, once for each `key`. Returns False if the key exists already.

    The message is sent within about a minute of the commit. `subject` is reduced to one line of 200 characters.
    Neither it nor `body` keeps a character that nobody sees or that turns the direction of text around. Replies go to
    `reply_to`; if that is empty, to SUPPORT_EMAIL. `settings_url` is the page on which the reader chooses which mails
    to get; a line with it ends the mail. The message is in the active language: see `languages.writing_in`. The HTML
    part is made of the text when it is sent: see `blocks`.
    `erase_body_once_sent` is for a link that opens an account: nobody who
    reads the database later, or a copy of it, may find it.
    """
    _, is_new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "reply_to": reply_to,
            "subject": _subject(subject),
            "body": _body(body, settings_url=settings_url),
            "language": languages.current(),
            "supplier_id": supplier_id,
            "erase_body_once_sent": erase_body_once_sent,
        },
    )
    return is_new


def _subject(text: str) -> str:
    return to_plain_text(text, multiline=False)[:200]


def _body(text: str, *, settings_url: str = "") -> str:
    clean = INVISIBLE_CHARACTERS.sub("", text)
    if not settings_url:
        return clean
    words = clean.rstrip().removesuffix(SIGNATURE).rstrip()
    choose = _("Choose which emails you get: %(address)s") % {"address": settings_url}
    return f"{words}\n\n{choose}\n\n{SIGNATURE}"


def withdraw(*, key_prefix: str) -> int:
    """Give up the messages still to be sent whose key begins with `key_prefix`: what they say no longer holds.

    In the caller's transaction. One that a worker is sending at this moment may still go out. Returns how many.
    """
    waiting = pending().filter(key__startswith=key_prefix)
    return waiting.update(attempts=MAX_ATTEMPTS, error="Withdrawn: what it said no longer held.")


def pending() -> QuerySet[OutgoingMail]:
    """Messages that are still to be sent. The others were sent or given up."""
    return OutgoingMail.objects.filter(sent_at__isnull=True, attempts__lt=MAX_ATTEMPTS)


def given_up() -> QuerySet[OutgoingMail]:
    """Messages that were never sent and are not tried again."""
    return OutgoingMail.objects.filter(sent_at__isnull=True, attempts__gte=MAX_ATTEMPTS)


def send_due(*, now: Callable[[], datetime]) -> DeliveryResult:
    """Send up to BATCH_SIZE due messages. One that fails is retried with backoff, and given up after MAX_ATTEMPTS.

    Never raises because of a single message. An unreachable mail server ends the run and costs no message an attempt.
    """
    ids = list(_due(at=now()).order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    if not ids:
        return DeliveryResult()
    sent = failed = 0
    server = get_connection()
    try:
        server.open()
        for pk in ids:
            message = _claim(pk=pk, at=now())
            if message is None:
                continue
            if _send(message, server=server, now=now):
                sent += 1
            else:
                failed += 1
    except OSError:  # smtplib's errors are subclasses of it
        log.warning("mail_server_unreachable", exc_info=False)
    finally:
        server.close()
    return DeliveryResult(sent=sent, failed=failed)


def backoff(attempts: int) -> timedelta:
    """The wait after the `attempts`th failure: 1, 4, 16, 64 minutes and so on, at most 6 hours."""
    wait: timedelta = INITIAL_BACKOFF * 4 ** max(attempts - 1, 0)
    return min(wait, MAX_BACKOFF)


def _due(*, at: datetime) -> QuerySet[OutgoingMail]:
    return pending().filter(Q(not_before__isnull=True) | Q(not_before__lte=at))


def _claim(*, pk: int, at: datetime) -> OutgoingMail | None:
    # The body is read and decrypted by _send: where that fails, it fails for this message only.
    message = _due(at=at).filter(pk=pk).defer("body").first()  # one that another worker claimed is no longer due
    if message is None:
        return None
    claimed = OutgoingMail.objects.filter(pk=pk, sent_at__isnull=True, attempts=message.attempts).update(
        attempts=F("attempts") + 1, not_before=at + backoff(message.attempts + 1)
    )
    message.attempts += 1
    return message if claimed else None


def _prepare(message: OutgoingMail, *, server: BaseEmailBackend) -> EmailMultiAlternatives:
    """The message in text and HTML."""
    reply_to = [message.reply_to or settings.SUPPORT_EMAIL]
    mail = EmailMultiAlternatives(message.subject, message.body, to=[message.to], reply_to=reply_to, connection=server)
    mail.extra_headers = {"Content-Language": message.language or languages.default(), **_headers(message)}
    with languages.writing_in(message.language):
        mail.attach_alternative(html_of(subject=message.subject, text=message.body), "text/html")
    return mail


def _headers(message: OutgoingMail) -> dict[str, str]:
    """One click in the reader's email program stops such emails (RFC 8058)."""
    if not message.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _send(message: OutgoingMail, *, server: BaseEmailBackend, now: Callable[[], datetime]) -> bool:
    """Send one message; False if it failed. A connection error is re-raised, and does not count as an attempt."""
    row = OutgoingMail.objects.filter(pk=message.pk)
    try:
        _prepare(message, server=server).send()
    except (ConnectionError, TimeoutError, SMTPServerDisconnected):
        row.update(attempts=F("attempts") - 1, error="The mail server closed the connection.")
        raise
    except Exception as problem:
        # The error concerns this message only: the next one may be sent. The server's reply names the address, so only
        # the kind of error is logged.
        log.exception("email_failed", message_id=message.pk, error=type(problem).__name__, exc_info=False)
        row.update(error=type(problem).__name__[:200])
        return False
    row.update(sent_at=now(), error="", **({"body": ""} if message.erase_body_once_sent else {}))
    return True
