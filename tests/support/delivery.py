"""Delivers what waits in the email outbox, as the worker does."""

from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from infactor.core.email import outbox


def delivered() -> list[EmailMessage]:
    """Send every email that is due, and return all that were sent in this test so far."""
    outbox.send_due(now=timezone.now)
    sent: list[EmailMessage] = mail.outbox
    return sent
