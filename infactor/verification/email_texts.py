"""Texts of the emails to buyers: what the supplier writes, and what infactor adds."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core import languages, money
from infactor.core.email import outbox
from infactor.core.plain_text import to_plain_text
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Application
from infactor.verification import snapshots
from infactor.verification.models import Forward, Verification

PLACEHOLDER = "{link}"
ASK = gettext_lazy("Please confirm %(what)s from %(supplier)s")
MAX_SUBJECT_LENGTH, MAX_BODY_LENGTH = 150, 4000
# The only link in an email in infactor's name is infactor's own.
URL_PATTERN = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|\bhttps?:|\bmailto:")


class InvalidText(ValueError):
    """The supplier's text cannot be sent; `field` is subject or body, and the message says what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@languages.writing_in("")  # the buyer's language is not known
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
        raise InvalidText(
            "subject",
            _("Write a subject of at most %(max_subject_length)s characters.")
            % {"max_subject_length": MAX_SUBJECT_LENGTH},
        )
    if len(body) > MAX_BODY_LENGTH:
        raise InvalidText(
            "body", _("Write at most %(max_body_length)s characters.") % {"max_body_length": MAX_BODY_LENGTH}
        )
    if body.count(PLACEHOLDER) != 1:
        raise InvalidText(
            "body",
            _("Keep %(placeholder)s in the text, once: it becomes the buyer's link.") % {"placeholder": PLACEHOLDER},
        )
    for field, text in (("subject", subject), ("body", body)):
        if URL_PATTERN.search(text):
            raise InvalidText(field, _("Remove other links: the email may hold only the one to the confirmation page."))
    return subject, body


def without_links(text: str) -> str:
    """`text`, in which nothing looks like a link: the only link in an email in infactor's name is infactor's own."""
    return URL_PATTERN.sub(lambda found: found[0].replace(":", " ").replace(".", " "), text)


@languages.writing_in("")
def enqueue_request(*, verification: Verification, url: str, occasion: str, is_reminder: bool = False) -> None:
    """Enqueue the email to the buyer with the link `url`, in the caller's transaction: once for each occasion."""
    # No line of the supplier's text passes for one of infactor's table.
    text = "\n".join(line.strip() for line in verification.body.split("\n"))
    others = Verification.objects.filter(
        supplier=verification.supplier_id, to__iexact=verification.to, status=Verification.Status.SENT
    ).exclude(pk=verification.pk)
    _enqueue(
        "request",
        key=f"verification.{occasion}:{verification.pk}:{len(verification.links)}",
        to=verification.to,
        first=verification,
        subject=_("Reminder: %(subject)s") % {"subject": verification.subject} if is_reminder else verification.subject,
        verification=verification,
        facts=_facts(verification),
        text=text.replace(PLACEHOLDER, url),
        others=others.count(),
        is_reminder=is_reminder,
    )


@languages.writing_in("")
def enqueue_requests(
    *, verifications: Sequence[Verification], url: str, occasion: str, is_reminder: bool = False
) -> None:
    """Enqueue one email about several requests of one supplier to one address, with the link `url` to all of them."""
    first = verifications[0]
    what = {"what": _what(verifications), "supplier": first.facts["supplier"]}
    subject = _("Reminder: please confirm %(what)s from %(supplier)s") if is_reminder else ASK
    _enqueue(
        "requests",
        key=f"verification.{occasion}s:{first.pk}:{len(first.links)}",
        to=first.to,
        first=first,
        subject=str(subject) % what,
        shown=[(one, _facts(one)) for one in verifications],
        facts=_facts(first),
        url=url,
        is_reminder=is_reminder,
    )


@languages.writing_in("")
def enqueue_forward(*, forwards: Sequence[Forward], url: str) -> None:
    """Enqueue the email to the colleague whom a buyer named, with the link `url` to the page of all of `forwards`."""
    rows = [one.verification for one in forwards]
    _enqueue(
        "forward",
        key=f"verification.forward:{forwards[0].pk}",
        to=forwards[0].to,
        first=rows[0],
        subject=str(ASK) % {"what": _what(rows), "supplier": rows[0].facts["supplier"]},
        forward=forwards[0],
        shown=[(one, _facts(one)) for one in rows],
        url=url,
    )


def reply_address(*, verification: Verification) -> str:
    """Where the buyer's replies go: to the person at the supplier who approved the text."""
    return verification.approved_by.email if verification.approved_by is not None else ""


def supplier_phone(*, verification: Verification) -> str:
    """The number that the supplier gave in its application, for questions about its invoice; "" if there is none."""
    rows = Application.objects.filter(supplier=verification.supplier_id)
    return to_plain_text(rows.values_list("phone", flat=True).first() or "", multiline=False)


def enqueue_receipt(*, verifications: Sequence[Verification], to: str) -> None:
    """Enqueue one receipt of the answers that were given together, to the address `to`. It has no link.

    It is in the language of the page on which they were given.
    """
    first = verifications[0]
    _enqueue(
        "receipt",
        key=f"verification.receipt:{first.pk}",
        to=to,
        first=first,
        subject=_("Your response: %(what)s from %(supplier)s")
        % {"what": _what(verifications), "supplier": first.facts["supplier"]},
        answers=[(one, _facts(one), _disputed(one)) for one in verifications],
        verification=first,
    )


def enqueue_corrected(*, verification: Verification) -> None:
    """Enqueue what tells the buyer that the invoice was corrected: once for each request, and without a link."""
    _enqueue(
        "corrected",
        key=f"verification.corrected:{verification.pk}",
        to=verification.to,
        first=verification,
        subject=f"Corrected: {_what([verification]).rstrip(',')} from {verification.facts['supplier']}",
        verification=verification,
        facts=_facts(verification),
    )


def _enqueue(name: str, *, key: str, to: str, first: Verification, subject: str, **context: Any) -> None:
    values = {
        "supplier": first.supplier,
        "supplier_phone": supplier_phone(verification=first),
        "support_email": settings.SUPPORT_EMAIL,
        **context,
    }
    with timezone.override(first.supplier.zone):  # days are the supplier's, as on the page
        body = render_to_string(f"verification/email/{name}_message.txt", values)
    outbox.enqueue(
        key=key,
        to=to,
        subject=subject,
        body=body,
        supplier_id=first.supplier_id,
        reply_to=reply_address(verification=first),
    )


def _facts(verification: Verification) -> dict[str, Any]:
    """The facts as a mail shows them: each text in one line."""
    facts = snapshots.for_display(verification.facts)
    lines = {name: to_plain_text(facts[name] or "", multiline=False) for name in ("supplier", "buyer", "number")}
    return {**facts, **lines}


def _disputed(verification: Verification) -> list[str]:
    """Each disputed line in one line of text, with what is wrong with it."""
    texts = (f"{title}: {why}" if why else title for title, why in verification.disputed)
    return [to_plain_text(text, multiline=False) for text in texts]


def _what(verifications: Sequence[Verification]) -> str:
    """How a subject names them: one by its number and amount, several by their count."""
    if (count := len(verifications)) > 1:
        return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": count}
    (one,) = verifications
    amount = money.format_amount(one.balance_asked, one.currency)
    if not one.facts["number"]:
        return _("invoice without a number, %(amount)s,") % {"amount": amount}
    return _("invoice %(number)s, %(amount)s,") % {"number": one.facts["number"], "amount": amount}
