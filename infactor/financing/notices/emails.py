"""Emails to buyers about notices of assignment: the notice, a receipt of its acknowledgement, and the release."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from infactor.core import languages
from infactor.core.email import outbox
from infactor.financing.models import Notice
from infactor.financing.notices import content

OCCASIONS = ("sent", "resent", "reminder")


def notice_given(*, notice: Notice, url: str, occasion: str) -> None:
    """The notice itself, with the link `url`. `occasion` is sent, resent or reminder: once for each link.

    A release from an earlier notice of the invoice that still waits to be sent would contradict it, so it is withdrawn.
    """
    for pk in Notice.objects.filter(invoice=notice.invoice_id, pk__lt=notice.pk).values_list("pk", flat=True):
        outbox.withdraw(key_prefix=f"notice.release:{pk}:")
    key = f"notice.{occasion}:{notice.pk}:{len(notice.links)}"
    _enqueue(notice, "notice", key=key, url=url, is_reminder=occasion == "reminder")


def acknowledged(*, notice: Notice) -> None:
    """A receipt of the acknowledgement. It has no link."""
    _enqueue(notice, "receipt", key=f"notice.receipt:{notice.pk}")


def released(*, notice: Notice, url: str) -> None:
    """The release: the buyer pays the supplier again. Mails of the notice that still wait to be sent are withdrawn."""
    for occasion in OCCASIONS:
        outbox.withdraw(key_prefix=f"notice.{occasion}:{notice.pk}:")
    _enqueue(notice, "release", key=f"notice.release:{notice.pk}:{len(notice.links)}", url=url)


def _enqueue(notice: Notice, name: str, *, key: str, **context: Any) -> None:
    values = {
        "notice": notice,
        "facts": content.for_display(notice.facts),
        "support_email": settings.SUPPORT_EMAIL,
        **context,
    }
    # Who acknowledges reads the receipt. Whose mails are about somebody else's act, nobody knows the language of.
    with languages.writing_in(languages.current() if name == "receipt" else languages.default()):
        outbox.enqueue(
            key=key,
            to=notice.to,
            subject=render_to_string(f"financing/notice_email/{name}_subject.txt", values),
            body=render_to_string(f"financing/notice_email/{name}_message.txt", values),
            supplier_id=notice.supplier_id,
            reply_to=notice.reply_to,
        )
