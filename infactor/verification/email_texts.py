"""Texts of the e-mails to buyers: what the supplier writes, and what infactor adds."""

import re
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from infactor.core import money
from infactor.core.email import outbox
from infactor.core.plain_text import to_plain_text
from infactor.invoices.models import Invoice
from infactor.verification import snapshots
from infactor.verification.models import Verification

PLACEHOLDER = "{link}"
MAX_SUBJECT_LENGTH, MAX_BODY_LENGTH = 150, 4000
# The only link in an e-mail in infactor's name is infactor's own.
URL_PATTERN = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|\bhttps?:|\bmailto:")


class InvalidText(ValueError):
    """The supplier's text cannot be sent; `field` is subject or body, and the message says what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def default_text(*, invoice: Invoice) -> tuple[str, str]:
    """The default subject and body of a request, made from the invoice."""
    facts = snapshots.for_display(snapshots.snapshot(invoice=invoice))
    context = {
        **facts,
        # A number of the books cannot add lines of its own to the text.
        **{name: to_plain_text(facts[name], multiline=False) for name in ("supplier", "buyer", "number")},
        "open_amount": money.format_amount(invoice.balance, invoice.currency) if invoice.balance is not None else "",
        "placeholder": PLACEHOLDER,
    }
    return (
        to_plain_text(render_to_string("verification/email/request_subject.txt", context), multiline=False)[
            :MAX_SUBJECT_LENGTH
        ],
        to_plain_text(render_to_string("verification/email/request_text.txt", context)),
    )


def validate_text(*, subject: str, body: str) -> tuple[str, str]:
    """The supplier's subject and body as they are sent: plain text with the placeholder once and no other link.

    Raises InvalidText.
    """
    subject, body = to_plain_text(subject, multiline=False), to_plain_text(body)
    if not subject or len(subject) > MAX_SUBJECT_LENGTH:
        raise InvalidText("subject", f"Write a subject of at most {MAX_SUBJECT_LENGTH} characters.")
    if len(body) > MAX_BODY_LENGTH:
        raise InvalidText("body", f"Write at most {MAX_BODY_LENGTH} characters.")
    if body.count(PLACEHOLDER) != 1:
        raise InvalidText("body", f"Keep {PLACEHOLDER} in the text, once: it becomes your buyer's link.")
    for field, text in (("subject", subject), ("body", body)):
        if URL_PATTERN.search(text):
            raise InvalidText(field, "Remove other links: the e-mail may hold only the one to the confirmation page.")
    return subject, body


def enqueue_request(*, verification: Verification, url: str, occasion: str, is_reminder: bool = False) -> None:
    """Enqueue the e-mail to the buyer with the link `url`, in the caller's transaction: once for each occasion."""
    context: dict[str, Any] = {
        "verification": verification,
        "supplier": verification.supplier,
        "text": verification.body.replace(PLACEHOLDER, url),
        "support_email": settings.SUPPORT_EMAIL,
        "is_reminder": is_reminder,
    }
    outbox.enqueue(
        key=f"verification.{occasion}:{verification.pk}:{len(verification.links)}",
        to=verification.to,
        subject=f"Reminder: {verification.subject}" if is_reminder else verification.subject,
        body=render_to_string("verification/email/request_message.txt", context),
        supplier_id=verification.supplier_id,
        reply_to=reply_address(verification=verification),
    )


def reply_address(*, verification: Verification) -> str:
    """Where the buyer's replies go: to the person at the supplier who approved the text."""
    return verification.approved_by.email if verification.approved_by is not None else ""


def enqueue_receipt(*, verification: Verification) -> None:
    """Enqueue a receipt of the answer for the buyer, at the address to which the request was sent. It has no link."""
    lines = verification.facts["lines"]
    context: dict[str, Any] = {
        "verification": verification,
        "supplier": verification.supplier,
        "disputed": [lines[place]["title"] for place in verification.disputed_lines],
        "support_email": settings.SUPPORT_EMAIL,
    }
    outbox.enqueue(
        key=f"verification.receipt:{verification.pk}",
        to=verification.to,
        subject=f"Your answer about invoice {verification.facts['number']} of {verification.supplier.name}",
        body=render_to_string("verification/email/receipt_message.txt", context),
        supplier_id=verification.supplier_id,
        reply_to=reply_address(verification=verification),
    )
