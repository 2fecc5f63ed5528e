"""Mails that are neither lost nor sent twice: a row beside what it tells of, sent by whoever comes by next.

A mail is claimed by one UPDATE that says what it expects, so two workers send it once. Whoever dies between the
server's yes and our note of it sends it again: a mail twice is better than none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q, QuerySet

from infactor.core.models import OutgoingMail

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)  # eight attempts end after about a day
AT_ONCE = 100


@dataclass(frozen=True)
class Sent:
    """What one pass did: mails sent, and mails that were refused and wait or are given up."""

    sent: int = 0
    refused: int = 0


def write(*, key: str, to: str, subject: str, body: str, supplier_id: int | None = None) -> bool:
    """Write a mail in the caller's transaction, once for each `key`; False where it was written before.

    It is sent within about a minute of the commit. `subject` is one line whatever it was made of.
    """
    _, is_new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={"to": to, "subject": " ".join(subject.split())[:200], "body": body, "supplier_id": supplier_id},
    )
    return is_new


def waiting() -> QuerySet[OutgoingMail]:
    """Mails that are still to be sent; the others are sent or given up."""
    return OutgoingMail.objects.filter(sent_at__isnull=True, attempts__lt=MOST_ATTEMPTS)


def send_due(*, now: Callable[[], datetime]) -> Sent:
    """Send what is due, a hundred at most. A mail that is refused waits longer each time, and ends after eight.

    Never raises for one mail. A mail server that is away ends the pass and counts for no mail.
    """
    ids = list(_due(at=now()).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return Sent()
    sent = refused = 0
    server = get_connection()
    try:
        server.open()
        for pk in ids:
            mail = _claim(pk=pk, at=now())
            if mail is None:
                continue
            if _send(mail, server=server, now=now):
                sent += 1
            else:
                refused += 1
    except OSError:  # smtplib's own errors are of this kind, too
        log.warning("mail_server_away", exc_info=False)
    finally:
        server.close()
    return Sent(sent=sent, refused=refused)


def wait_after(attempts: int) -> timedelta:
    """How long a mail rests after its `attempts`th refusal: 1, 4, 16, 64 minutes, then 6 hours at most."""
    wait: timedelta = FIRST_WAIT * 4 ** max(attempts - 1, 0)
    return min(wait, LONGEST_WAIT)


def _due(*, at: datetime) -> QuerySet[OutgoingMail]:
    return waiting().filter(Q(not_before__isnull=True) | Q(not_before__lte=at))


def _claim(*, pk: int, at: datetime) -> OutgoingMail | None:
    mail = _due(at=at).filter(pk=pk).first()  # a mail in another worker's hands is not due
    if mail is None:
        return None
    claimed = OutgoingMail.objects.filter(pk=pk, sent_at__isnull=True, attempts=mail.attempts).update(
        attempts=F("attempts") + 1, not_before=at + wait_after(mail.attempts + 1)
    )
    mail.attempts += 1
    return mail if claimed else None


def _send(mail: OutgoingMail, *, server: BaseEmailBackend, now: Callable[[], datetime]) -> bool:
    """Raises SMTPServerDisconnected and OSError that mean the server, not the mail; the attempt is given back."""
    row = OutgoingMail.objects.filter(pk=mail.pk)
    try:
        EmailMessage(mail.subject, mail.body, to=[mail.to], connection=server).send()
    except (ConnectionError, TimeoutError, SMTPServerDisconnected):
        row.update(attempts=F("attempts") - 1, error="The mail server went away.")
        raise
    except Exception as problem:
        # Any fault, a wrong address or one of ours, is this mail's alone: the next one may go. The server's words name
        # the address, so they are kept out.
        log.exception("mail_refused", mail=mail.pk, exc_info=False)
        row.update(error=type(problem).__name__[:200])
        return False
    row.update(sent_at=now(), error="")
    return True
