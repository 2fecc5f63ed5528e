"""Buyers' answers, given by link or by phone, and the confirmation that each invoice has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.models import QuerySet

from infactor.core import money
from infactor.core.money import InvalidAmount
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

MAX_NAME_LENGTH, MAX_REASON_LENGTH = 150, 2000
STALE_MESSAGE = "The invoice was changed after you were asked about it. If it still matters, you will be asked again."


class Answer(models.TextChoices):
    """The answers that a buyer can choose."""

    ALL = "all", "Everything is right"
    PART = "part", "Only a part is right"
    DISPUTE = "dispute", "Something is wrong"


class NotAnswerable(Exception):
    """The request was answered, has expired or was withdrawn, or the invoice has changed."""


class AnswerIncomplete(ValueError):
    """The answer lacks something or contradicts itself; `field` names the part."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SubmittedAnswer:
    """An answer as it was entered. `amount` is for a partial confirmation, in the request's currency.

    `lines` are indexes into the lines of the snapshot; none means all of them.
    """

    answer: str
    name: str
    amount: Decimal | None = None
    reason: str = ""
    lines: Sequence[int] = ()
    phone_number: str = ""
    call_note: str = ""


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


def submit_answer(*, token: str, submitted: SubmittedAnswer, ip: str | None, at: datetime) -> Verification:
    """Record the answer that the buyer gave on the page of `token`: once, and only while the request is open.

    Raises links.UnknownLink, NotAnswerable with a sentence for the buyer, and AnswerIncomplete.
    """
    found = links.find_verification(token=token)
    with transaction.atomic():
        invoice, verification = _lock(found)
        if (
            verification.status != Verification.Status.SENT
            or verification.expires_at is None
            or verification.expires_at <= at
        ):
            raise NotAnswerable("This request is no longer open.")
        if preconditions.is_stale(verification=verification, invoice=invoice):
            raise NotAnswerable(STALE_MESSAGE)
        changes = {"channel": Verification.Channel.LINK, "answered_from": ip}
        return _apply(verification, invoice, submitted=submitted, changes=changes, by=None, at=at)


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
    status, answer = _validated(verification, submitted)
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
    if answered.sent_at is not None:  # else nobody has approved its address
        email_texts.enqueue_receipt(verification=answered)
    subscribers.notify(verification=answered, at=at, by=by)
    return answered


def _validated(verification: Verification, submitted: SubmittedAnswer) -> tuple[str, dict[str, Any]]:
    """The status and the column values of `submitted`. Raises AnswerIncomplete."""
    name = " ".join(submitted.name.split())[:MAX_NAME_LENGTH]
    if not any(character.isalpha() for character in name):
        raise AnswerIncomplete("name", "Enter the name of the person who answers.")
    reason = submitted.reason.replace("\x00", "").strip()[:MAX_REASON_LENGTH]
    values: dict[str, Any] = {"answered_name": name}
    if submitted.answer == Answer.ALL:
        return Verification.Status.CONFIRMED, {**values, "confirmed_amount": verification.balance_asked}
    if submitted.answer not in (Answer.PART, Answer.DISPUTE):
        raise AnswerIncomplete("answer", "Choose one of the answers.")
    if not reason:
        raise AnswerIncomplete("reason", "Say in a few words what is wrong.")
    values["dispute_reason"] = reason
    places = sorted(set(submitted.lines))
    if any(place not in range(len(verification.facts["lines"])) for place in places):
        raise AnswerIncomplete("lines", "Choose lines of this invoice.")
    values["disputed_lines"] = places
    if submitted.answer == Answer.DISPUTE:
        return Verification.Status.DISPUTED, values
    return Verification.Status.PARTLY_CONFIRMED, {
        **values,
        "confirmed_amount": _validated_part(verification, submitted.amount),
    }


def _validated_part(verification: Verification, amount: Decimal | None) -> Decimal:
    whole = money.format_amount(verification.balance_asked, verification.currency)
    if amount is None:
        raise AnswerIncomplete("amount", "Enter the amount that is right.")
    try:
        part = money.validate_amount(amount)
    except InvalidAmount as error:
        raise AnswerIncomplete("amount", "Enter an amount with at most two decimals.") from error
    if part <= 0:
        raise AnswerIncomplete("amount", "Enter more than zero, or say that something is wrong with all of it.")
    if part >= verification.balance_asked:
        raise AnswerIncomplete("amount", f"Enter less than {whole}, or answer that everything is right.")
    return part
