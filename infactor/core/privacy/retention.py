"""Deletes what has been kept long enough, in batches: texts of emails, old emails, ended sessions."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q

from infactor.core import bulk
from infactor.core.email import outbox
from infactor.core.models import OutgoingMail

REMOVED = "(text deleted after {days} days)"


def expire_mails(*, at: datetime) -> tuple[int, int]:
    """Remove the texts of emails that were sent or given up long enough ago, and delete the oldest emails.

    Returns the number of each. Those that are still to be sent stay whole.
    """
    days = settings.RETENTION_MAIL_TEXT_DAYS
    removed = REMOVED.format(days=days)
    ended = OutgoingMail.objects.filter(Q(sent_at__isnull=False) | Q(attempts__gte=outbox.MAX_ATTEMPTS))
    due = ended.filter(created_at__lt=at - timedelta(days=days)).exclude(subject=removed).order_by("pk")
    emptied = 0
    while ids := list(due.values_list("pk", flat=True)[: bulk.DELETED_AT_ONCE]):
        emptied += OutgoingMail.objects.filter(pk__in=ids).update(subject=removed, body="", reply_to="")
    old = ended.filter(created_at__lt=at - timedelta(days=settings.RETENTION_MAIL_DAYS))
    return emptied, bulk.delete_in_batches(old)


def delete_ended_sessions(*, at: datetime) -> int:
    """Delete the sessions that have ended. Returns their number."""
    return bulk.delete_in_batches(Session.objects.filter(expire_date__lt=at))
