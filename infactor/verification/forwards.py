"""A buyer forwards its link to a colleague: at its own domain at once, elsewhere after staff's review."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.plain_text import to_plain_text
from infactor.core.transitions import move
from infactor.invoices.debtors.email_domains import company_domains
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import email_texts, links, preconditions, recipients
from infactor.verification.models import Forward, Verification
from infactor.verification.submitted import MAX_NAME_LENGTH

REVIEW = "verification.record_answer"
MAX_PER_REQUEST, MAX_PER_ADDRESS, WINDOW = 3, 60, timedelta(days=1)


class CannotForward(ValueError):
    """The buyer's colleague gets no link; `field` is to or name, and the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def forward(*, token: str, requests: Collection[int], to: str, asked_by: str, at: datetime) -> list[Forward]:
    """Forward the open requests with these keys to the address `to`. The links of `asked_by` stay valid.

    A colleague who has a request already gets it no second time. Raises links.UnknownLink, CannotForward.
    """
    opened = links.find_link(token=token, at=at)
    name = email_texts.without_links(to_plain_text(asked_by, multiline=False)[:MAX_NAME_LENGTH])
    if not any(character.isalpha() for character in name):
        raise CannotForward("name", _("Enter your name, so that your colleague knows who forwards this."))
    try:
        address = recipients.validate_recipient(address=to, supplier=opened.verification.supplier)
    except recipients.InvalidRecipient as refusal:
        raise CannotForward("to", str(refusal)) from refusal
    if address.casefold() == opened.address.casefold():
        raise CannotForward("to", _("This is the address that the link came to. Enter a colleague's."))
    if Forward.objects.filter(to__iexact=address, asked_at__gt=at - WINDOW).count() >= MAX_PER_ADDRESS:
        raise CannotForward("to", _("This address has had many links today. Try again tomorrow."))
    is_ours = set(company_domains(address)) & set(company_domains(opened.address))
    with transaction.atomic():
        rows = links.of_reader(opened=opened).filter(pk__in=requests, status=Verification.Status.SENT)
        locked = rows.select_for_update(of=("self",)).order_by("invoice_id", "pk")  # as answers lock
        waiting = [one for one in locked if _is_open(one, at)]
        if not waiting:
            raise CannotForward("to", _("None of these invoices waits for an answer any more."))
        known = {one.verification_id for one in Forward.objects.filter(verification__in=waiting, to__iexact=address)}
        for one in waiting:
            if one.pk not in known and one.forwards.count() >= MAX_PER_REQUEST:
                raise CannotForward(
                    "to",
                    _("Invoice %(number)s was forwarded %(max_per_request)s times already.")
                    % {"number": one.facts["number"], "max_per_request": MAX_PER_REQUEST},
                )
        made = [
            Forward.objects.create(verification=one, to=address, asked_by=name, asked_at=at)
            for one in waiting
            if one.pk not in known
        ]
        for each in made:
            audit.record(
                event="verification.forwarded",
                subject=each,
                by=None,
                at=at,
                supplier_id=each.verification.supplier_id,
                details={"needs_review": not is_ours},
            )
        if is_ours and made:
            return _send(made, by=None, at=at)
        return made


def approve(*, forward: Forward, by: User | None, at: datetime) -> Forward:
    """Staff send the link to an address that is not of the buyer's domain. Raises roles.NotAllowed, CannotForward,
    and TransitionNotAllowed if it was decided meanwhile.
    """
    user = roles.require(by, REVIEW)
    if not _is_open(forward.verification, at):
        raise CannotForward("to", _("The buyer cannot answer this request any more."))
    with transaction.atomic():
        return _send([forward], by=user, at=at)[0]


def refuse(*, forward: Forward, by: User | None, at: datetime, reason: str) -> Forward:
    """Staff send nothing. Raises roles.NotAllowed, and TransitionNotAllowed if it was decided meanwhile."""
    user = roles.require(by, REVIEW)
    return move(
        forward,
        to=Forward.Status.REFUSED,
        transitions=Forward.TRANSITIONS,
        by=user,
        at=at,
        supplier_id=forward.verification.supplier_id,
        reason=reason,
        changes={"decided_by": user, "decided_at": at},
    )


def _send(made: list[Forward], *, by: User | None, at: datetime) -> list[Forward]:
    """Sign one link, which each of them has, and mail it: it opens the page of all."""
    url, digest = links.sign_link(verification=made[0].verification)
    sent = []
    for one in made:
        sent.append(
            move(
                one,
                to=Forward.Status.SENT,
                transitions=Forward.TRANSITIONS,
                by=by,
                at=at,
                supplier_id=one.verification.supplier_id,
                changes={"digest": digest, "decided_by": by, "decided_at": at},
            )
        )
    email_texts.enqueue_forward(forwards=sent, url=url)
    return sent


def _is_open(verification: Verification, at: datetime) -> bool:
    """Whether the request can be answered."""
    is_sent = verification.status == Verification.Status.SENT
    return (
        is_sent
        and verification.expires_at is not None
        and verification.expires_at > at
        and not preconditions.is_stale(verification=verification, invoice=verification.invoice)
    )
