"""Buyers' answers, given by link or by phone, and the confirmation that each invoice has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.plain_text import to_plain_text
from infactor.core.signed_links import UnknownLink
from infactor.core.transitions import move
from infactor.invoices.models import Invoice
from infactor.invoices.states import TRANSITIONS, State
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import (
    email_texts,
    emails,
    links,
    preconditions,
    requests,
    snapshots,
    subscribers,
)
from infactor.verification.models import ANSWERED, Verification
from infactor.verification.submitted import OBJECTIONS, Answer, AnswerIncomplete, SubmittedAnswer, validated

__all__ = ["Answer", "AnswerIncomplete", "NotAnswerable", "SubmittedAnswer"]

STALE_MESSAGE = gettext_lazy(
    "The invoice was changed after you were asked about it. If it still matters, you will be asked again."
)


class NotAnswerable(Exception):
    """The request was answered, has expired or was withdrawn, or the invoice has changed."""


class BuyerConfirmation(NamedTuple):
    """The latest answer about an invoice, and whether it still holds. `confirmed_amount` is zero for a dispute."""

    verification_id: int
    status: str
    confirmed_amount: Decimal
    currency: str
    answered_at: datetime
    has_changed: bool

    @property
    def is_valid(self) -> bool:
        """Whether the buyer has confirmed all or a part, and the invoice has not changed since."""
        return self.confirmed_amount > 0 and not self.has_changed

    @property
    def is_disputed(self) -> bool:
        """Whether the buyer disputed the invoice. Only another answer ends a dispute."""
        return self.status == Verification.Status.DISPUTED


@dataclass(frozen=True)
class Outcome:
    """What became of one answer of several: the answered row, or what kept it from being recorded.

    `error` of the buyer's own can be corrected; `problem` cannot: the request is no longer open.
    """

    verification: Verification
    error: AnswerIncomplete | None = None
    problem: str = ""

    @property
    def is_recorded(self) -> bool:
        return self.error is None and not self.problem


def submit_answer(*, token: str, submitted: SubmittedAnswer, ip: str | None, at: datetime) -> Verification:
    """Record the answer about the invoice of the link `token`: once, and only while the request is open.

    Raises links.UnknownLink, NotAnswerable with a sentence for the buyer, and AnswerIncomplete.
    """
    opened = links.find_link(token=token)
    (outcome,) = _submit(opened, {opened.verification.pk: submitted}, ip=ip, at=at)
    if outcome.error is not None:
        raise outcome.error
    if outcome.problem:
        raise NotAnswerable(outcome.problem)
    return outcome.verification


def submit_answers(
    *, token: str, submitted: Mapping[int, SubmittedAnswer], ip: str | None, at: datetime
) -> list[Outcome]:
    """Record the answers of one buyer about several invoices, by the keys of their requests.

    Each stands alone: one that is incomplete, or whose request is no longer open, keeps none of the others. One
    receipt names all that were recorded. Raises links.UnknownLink, also where a key is none that the link may answer.
    """
    opened = links.find_link(token=token, at=at)
    if not set(submitted) <= {one.pk for one in links.of_reader(opened=opened)}:
        raise UnknownLink
    return _submit(opened, submitted, ip=ip, at=at)


def _submit(
    opened: links.OpenedLink, submitted: Mapping[int, SubmittedAnswer], *, ip: str | None, at: datetime
) -> list[Outcome]:
    rows = Verification.objects.select_related("supplier", "invoice").filter(pk__in=submitted)
    outcomes = []
    with transaction.atomic():
        for found in rows.order_by("invoice_id", "pk"):  # two answers at once lock in one order
            outcomes.append(_submit_one(found, submitted[found.pk], ip=ip, at=at))
        recorded = [one.verification for one in outcomes if one.is_recorded and one.verification.answered_at == at]
        if recorded:
            email_texts.enqueue_receipt(verifications=recorded, to=opened.address)
    return outcomes


def _submit_one(found: Verification, submitted: SubmittedAnswer, *, ip: str | None, at: datetime) -> Outcome:
    invoice, verification = _lock(found)
    if problem := _why_closed(verification, invoice, submitted=submitted, at=at):
        return Outcome(verification, problem=problem)
    if verification.is_answered:
        return Outcome(verification)  # the same again: a double click, or the page sent a second time
    changes = {"channel": Verification.Channel.LINK, "answered_from": ip}
    try:
        with transaction.atomic():
            answered = _apply(verification, invoice, submitted=submitted, changes=changes, by=None, at=at)
    except AnswerIncomplete as error:
        return Outcome(verification, error=error)
    return Outcome(answered)


def _why_closed(verification: Verification, invoice: Invoice, *, submitted: SubmittedAnswer, at: datetime) -> str:
    """Why `submitted` cannot be recorded; "" where it can, or is recorded already."""
    if verification.is_answered:
        same = _status_of(submitted.answer) == verification.status
        by_link = verification.channel == Verification.Channel.LINK
        if same and by_link and to_plain_text(submitted.name, multiline=False) == verification.answered_name:
            return ""
        return _("%(answered_name)s already answered. To correct that answer, write to us.") % {
            "answered_name": verification.answered_name
        }
    if verification.status == Verification.Status.WITHDRAWN:
        return _("%(supplier)s withdrew the request. You do not need to answer.") % {
            "supplier": verification.facts["supplier"]
        }
    if verification.status != Verification.Status.SENT or verification.expires_at is None:
        return _("This request is no longer open.")
    if verification.expires_at <= at:
        return _("This request has expired. Ask %(supplier)s for a new link.") % {
            "supplier": verification.facts["supplier"]
        }
    return str(STALE_MESSAGE) if preconditions.is_stale(verification=verification, invoice=invoice) else ""


def _status_of(answer: str) -> str:
    if answer in OBJECTIONS:
        return Verification.Status.DISPUTED
    return Verification.Status.CONFIRMED if answer == Answer.ALL else Verification.Status.PARTLY_CONFIRMED


def record_phone_answer(*, invoice: Invoice, by: User, submitted: SubmittedAnswer, at: datetime) -> Verification:
    """Record an answer that the buyer gave staff by phone, about the invoice as it is now.

    It answers the open request, whose link is then closed; without one, a Verification is created for it. Raises
    roles.NotAllowed, preconditions.NotVerifiable, AnswerIncomplete.
    """
    roles.require(by, "verification.record_answer")
    with transaction.atomic():
        locked = requests.lock_invoice(invoice)
        preconditions.require_verifiable(invoice=locked)
        current = requests.snapshot_fields(invoice=locked)
        verification = requests.open_verification(invoice=locked)
        if verification is None:
            verification = Verification.objects.create(
                supplier=locked.supplier, invoice=locked, drafted_by=by, drafted_at=at, **current
            )
        for name, value in current.items():
            setattr(verification, name, value)
        changes = {
            **current,
            "channel": Verification.Channel.PHONE,
            "recorded_by": by,
            "phone_number": submitted.phone_number.strip()[:40],
            "call_note": submitted.call_note.strip()[:1000],
        }
        return _apply(verification, locked, submitted=submitted, changes=changes, by=by, at=at)


def confirmations_by_invoice(*, invoices: QuerySet[Invoice] | Collection[int]) -> dict[int, BuyerConfirmation]:
    """The confirmation of each of `invoices` (a queryset or ids) that has one, by invoice id. One query."""
    compared = [f"invoice__{name}" for name in snapshots.COMPARED_FIELDS]
    rows = (
        Verification.objects.filter(invoice__in=invoices, status__in=ANSWERED)
        .order_by("invoice_id", "-answered_at", "-pk")
        .distinct("invoice_id")
        .values_list(
            "invoice_id",
            "pk",
            "status",
            "confirmed_amount",
            "currency",
            "answered_at",
            "facts_digest",
            "invoice__books_status",
            *compared,
        )
    )
    return {
        invoice_id: BuyerConfirmation(
            verification_id=pk,
            status=status,
            confirmed_amount=confirmed or Decimal(0),
            currency=currency,
            answered_at=answered_at,
            has_changed=snapshots.has_changed(facts_digest=digest, values=tuple(values), books_status=books_status),
        )
        for (
            invoice_id, pk, status, confirmed, currency, answered_at, digest, books_status, *values,
        ) in rows.iterator(chunk_size=5000)
    }  # fmt: skip


def _lock(verification: Verification) -> tuple[Invoice, Verification]:
    """Lock the invoice first and then the verification, as everywhere."""
    invoice = requests.lock_invoice(verification.invoice)
    rows = Verification.objects.select_for_update(of=("self",)).select_related("supplier")
    return invoice, rows.get(pk=verification.pk)


def _apply(
    verification: Verification,
    invoice: Invoice,
    *,
    submitted: SubmittedAnswer,
    changes: dict[str, Any],
    by: User | None,
    at: datetime,
) -> Verification:
    today = timezone.localdate(at, verification.supplier.zone)
    status, answer = validated(verification, submitted, today=today)
    answered = move(
        verification,
        to=status,
        transitions=Verification.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=verification.supplier_id,
        changes={
            **changes,
            **answer,
            "answered_at": at,
        },
    )
    # In later states financing, which subscribes to answers, decides what a late one means.
    if invoice.state == State.CREATED:
        to = State.REJECTED if status == Verification.Status.DISPUTED else State.ACCEPTED
        move(invoice, to=to, transitions=TRANSITIONS, by=by, at=at, supplier_id=invoice.supplier_id)
    emails.answered(verification=answered)
    if by is not None and answered.sent_at is not None:  # else nobody has approved its address
        email_texts.enqueue_receipt(verifications=[answered], to=answered.to)
    subscribers.notify(verification=answered, at=at, by=by)
    return answered
