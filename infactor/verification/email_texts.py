"""The words of the mails to a buyer: what the supplier may write, and what infactor adds to it."""

import re
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from infactor.core import money
from infactor.core.email import outbox
from infactor.invoices.models import Invoice
from infactor.verification import remittance_instructions, snapshots
from infactor.verification.models import Verification

PLACEHOLDER = "{link}"
LONGEST_SUBJECT, LONGEST_BODY = 150, 4000
# The only address in a mail in our name is ours.
ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|\bhttps?:|\bmailto:")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class TextRefused(ValueError):
    """The supplier's text cannot go out like this; `field` is subject or body, the message says what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def default(*, invoice: Invoice) -> tuple[str, str]:
    """The subject and the text that a supplier is offered, made of what is in the invoice."""
    context = {
        **snapshots.shown(snapshots.snapshot(invoice=invoice)),
        "open_amount": money.text(invoice.balance, invoice.currency) if invoice.balance is not None else "",
        "placeholder": PLACEHOLDER,
    }
    return (
        plain(render_to_string("verification/email/request_subject.txt", context), lines=False)[:LONGEST_SUBJECT],
        plain(render_to_string("verification/email/request_text.txt", context)),
    )


def require_fit(*, subject: str, body: str) -> tuple[str, str]:
    """The supplier's subject and text as they go out: plain, with our link once and no other. Raises TextRefused."""
    subject, body = plain(subject, lines=False), plain(body)
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise TextRefused("subject", f"Write a subject of at most {LONGEST_SUBJECT} signs.")
    if len(body) > LONGEST_BODY:
        raise TextRefused("body", f"Write at most {LONGEST_BODY} signs.")
    if body.count(PLACEHOLDER) != 1:
        raise TextRefused("body", f"Keep {PLACEHOLDER} in the text, once: there your buyer finds the link.")
    for field, text in (("subject", subject), ("body", body)):
        if ADDRESS.search(text):
            raise TextRefused(field, "Take other links out: the mail holds only the one to the question.")
    return subject, body


def plain(text: str, *, lines: bool = True) -> str:
    """`text` without signs that nobody sees, in lines of its own or in one."""
    clean = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.strip() if lines else " ".join(clean.split())


def send(*, verification: Verification, address: str, occasion: str, reminds: bool = False) -> None:
    """Write the mail to the buyer with `address`, the link, in the caller's transaction: once for each occasion."""
    context: dict[str, Any] = {
        "verification": verification,
        "supplier": verification.supplier,
        "text": verification.body.replace(PLACEHOLDER, address),
        "pay_to": remittance_instructions.details(verification=verification),
        "support_email": settings.SUPPORT_EMAIL,
        "reminds": reminds,
    }
    outbox.write(
        key=f"verification.{occasion}:{verification.pk}:{len(verification.links)}",
        to=verification.to,
        subject=f"Reminder: {verification.subject}" if reminds else verification.subject,
        body=render_to_string("verification/email/request_message.txt", context),
        supplier_id=verification.supplier_id,
    )
