"""Celery tasks of the desk: the morning's digest, broken promises, payments that nobody matches, house accounts."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.desk import assignments
from infactor.desk.collecting import promises
from infactor.desk.mails import at_once, digest, house_accounts

log = structlog.get_logger(__name__)


@shared_task(max_retries=0, expires=600)
def send_digests() -> None:
    """Send the digests of today that are not sent yet, from the morning on."""
    if sent := digest.send_due(at=timezone.now()):
        log.info("digests_sent", count=sent)


@shared_task(max_retries=0, expires=3600)
def follow_up_promises() -> None:
    """Make tasks of broken promises, and give tasks of who has left back to a role. Runs before the digest."""
    at = timezone.now()
    log.info("promises_followed_up", tasks=promises.follow_up(at=at), returned=assignments.return_to_role(at=at))


@shared_task(max_retries=0, expires=3600)
def watch_house_accounts() -> None:
    """Tell staff of house accounts that are overdrawn, without statements, or missing."""
    if begun := house_accounts.watch(at=timezone.now()):
        log.warning("house_accounts_wrong", begun=begun)


@shared_task(max_retries=0, expires=3600)
def alert_unmatched_payments() -> None:
    """Tell staff of payments that have waited for two days."""
    at_once.publish_unmatched(at=timezone.now())
