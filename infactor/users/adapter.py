"""allauth's adapter: mails about accounts go through the outbox, and tell nobody who has an account."""

import uuid
from typing import Any

from allauth.core import context as allauth_context
from django.db import transaction

from infactor.core import languages
from infactor.core.email import outbox
from infactor.core.models import OutgoingMail
from infactor.core.tasks import enqueue_send_emails
from infactor.users.languages import mail_language
from infactor.users.security.account_errors import ERROR_MESSAGES
from infactor.users.security.sign_in_limits import SignInProtection

UNKNOWN_ACCOUNT = "account/email/unknown_account"


class AccountAdapter(SignInProtection):
    """Limits attempts and warns (SignInProtection), and stores every mail of allauth's as a row of the outbox.

    So no request waits for a mail server.
    The body is erased once the mail is sent: it may hold a link that confirms an address or sets a password.
    """

    error_messages = {**SignInProtection.error_messages, **ERROR_MESSAGES}

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render the templates of `template_prefix` and enqueue the mail to `email`, in the caller's transaction.

        To an address without an account nothing is sent: anybody could have mail sent to anybody. Its row is written
        and deleted again, which takes as long as writing one for somebody who has an account.
        """
        key = f"account.{template_prefix.rpartition('/')[2]}:{uuid.uuid4()}"
        with transaction.atomic(), languages.writing_in(mail_language(email)):
            message = self.render_mail(
                template_prefix, email, {"request": allauth_context.request, "email": email} | context
            )
            outbox.enqueue(
                key=key, to=email, subject=str(message.subject), body=str(message.body), erase_body_once_sent=True
            )
            if template_prefix == UNKNOWN_ACCOUNT:
                OutgoingMail.objects.filter(key=key).delete()
            transaction.on_commit(enqueue_send_emails)
