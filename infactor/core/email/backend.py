"""Email backend for local mode: prints the text of each message and stores it as a file under var/mail."""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as Console
from django.utils import timezone

_numbers = itertools.count(1)


class ConsoleAndFileBackend(BaseEmailBackend):
    """Prints the text of each message, and keeps it whole as an `.eml` file of its own, which mail programs open."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._console = Console(**kwargs)
        self._folder = Path(settings.EMAIL_FILE_PATH)
        self._folder.mkdir(parents=True, exist_ok=True)
        # Links in mails open accounts: other users of this machine get none of them.
        self._folder.chmod(0o700)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print and store each message. Returns the number of messages."""
        for message in email_messages:
            self._store(message.message().as_bytes())
            plain = EmailMessage(
                message.subject, message.body, message.from_email, message.to, reply_to=message.reply_to
            )
            self._console.send_messages([plain])
        return len(email_messages)

    def _store(self, content: bytes) -> None:
        # Several processes write at once, each several in a second: the name tells them apart.
        name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}-{next(_numbers)}.eml"
        with open(self._folder / name, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
