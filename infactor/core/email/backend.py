"""E-mail backend for local mode: prints each message and stores it as a file under var/mail."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as Console
from django.core.mail.backends.filebased import EmailBackend as Files


class ConsoleAndFileBackend(BaseEmailBackend):
    """Passes each message to Django's console backend and to its file backend (EMAIL_FILE_PATH)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backends = [Console(**kwargs), Files(**kwargs)]
        # Links in mails open accounts: other users of this machine get none of them.
        Path(settings.EMAIL_FILE_PATH).chmod(0o700)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print and store each message. Returns the number of messages."""
        for backend in self._backends:
            backend.send_messages(list(email_messages))
        return len(email_messages)
