"""What buyers answer, by their link or by phone, and what their answers are worth later."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.models import QuerySet

from infactor.core import money
from infactor.core.money import AmountUnreadable
from infactor.core.transitions import move
from infactor.invoices.models import Invoice
from infactor.invoices.states import MOVES, State
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import (
    emails,
    links,
    requests,
    snapshots,
    subscribers,
)
from infactor.verification.models import ANSWERED, Verification

LONGEST_NAME, LONGEST_REASON = 150, 2000
STALE = "The invoice was changed after you were asked about it. You will be asked anew about what it says now."


class Answer(models.TextChoices):
    """What a buyer may say."""

    ALL = "all", "Everything is right"
    PART = "part", "Only a part is right"
    DISPUTE = "dispute", "Something is wrong"


class NotAnswerable(Exception):
    """The question is no longer open: answered, expired, withdrawn, or the invoice is another one now."""


class AnswerIncomplete(ValueError):
    """The answer lacks something or contradicts itself; `field` names the part of it that does."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Given:
    """An answer as somebody gave it. `amount` in the currency asked in, for a part; `lines` are places, none: all."""

    answer: str
    name: str
    amount: Decimal | None = None
    reason: str = ""
    lines: Sequence[int] = ()
    acknowledged: bool = False


class Standing(NamedTuple):
    """The latest answer about one invoice, and what it is worth now. `confirmed_amount` is zero for a dispute."""

    verification_id: int
    status: str
    confirmed_amount: Decimal
    currency: str
    answered_at: datetime
    acknowledged: bool
    has_changed: bool

    @property
    def is_valid(self) -> bool:
        """Whether the buyer has confirmed, all or a part, and the invoice is still the one that they confirmed."""
        return self.confirmed_amount > 0 and not self.has_changed

    @property
    def is_disputed(self) -> bool:
        """Whether the buyer's last word is that something is wrong; only their next word ends it."""
        return self.status == Verification.Status.DISPUTED


def answer(*, token: str, given: Given, ip: str | None, at: datetime) -> Verification:
    """Take the buyer's answer from the page behind `token`: once, and only while the question is open.

    Raises links.UnknownLink, NotAnswerable with a sentence for the buyer, AnswerIncomplete for what they typed.
    """
    found = links.find(token=token)
    with transaction.atomic():
        invoice, asked = _lock(found)
        if asked.status != Verification.Status.SENT or asked.expires_at is None or asked.expires_at <= at:
            raise NotAnswerable("This question is no longer open.")
        if requests.is_stale(verification=asked, invoice=invoice):
            raise NotAnswerable(STALE)
        changes = {"channel": Verification.Channel.LINK, "answered_from": ip}
        return _take(asked, invoice, given=given, changes=changes, by=None, at=at)


def record_by_phone(*, invoice: Invoice, by: User, given: Given, at: datetime) -> Verification:
    """Take an answer that staff heard by phone, about the invoice as it is now.

    A question that is open is answered by it, so that its link ends; else one is made for it. Raises NotAllowed,
    requests.NotAskable, AnswerIncomplete.
    """
    roles.require(by, "verification.record_answer")
    with transaction.atomic():
        locked = requests.lock(invoice)
        requests.require_askable(invoice=locked)
        current = requests.facts_of(invoice=locked)
        asked = requests.open_one(invoice=locked)
        if asked is None:
            asked = Verification.objects.create(
                supplier=locked.supplier, invoice=locked, drafted_by=by, drafted_at=at, **current
            )
        for name, value in current.items():
            setattr(asked, name, value)
        changes = {**current, "channel": Verification.Channel.PHONE, "recorded_by": by}
        return _take(asked, locked, given=given, changes=changes, by=by, at=at)


def standing_of(*, invoices: QuerySet[Invoice] | Collection[int]) -> dict[int, Standing]:
    """The standing of each of `invoices` (a queryset or ids) that was ever answered about, by id. One query."""
    compared = [f"invoice__{name}" for name in snapshots.COMPARED]
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
            "assignment_acknowledged",
            "facts_digest",
            "invoice__books_status",
            *compared,
        )
    )
    return {
        invoice_id: Standing(
            verification_id=pk,
            status=status,
            confirmed_amount=confirmed or Decimal(0),
            currency=currency,
            answered_at=answered_at,
            acknowledged=acknowledged,
            has_changed=snapshots.has_changed(facts_digest=digest, values=tuple(values), books_status=books_status),
        )
        for (
            invoice_id, pk, status, confirmed, currency, answered_at, acknowledged, digest, books_status, *values,
        ) in rows.iterator(chunk_size=5000)
    }  # fmt: skip


def _lock(found: Verification) -> tuple[Invoice, Verification]:
    """The invoice first, then the question, as everybody does who needs both."""
    invoice = requests.lock(found.invoice)
    return invoice, Verification.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=found.pk)


def _take(
    asked: Verification, invoice: Invoice, *, given: Given, changes: dict[str, Any], by: User | None, at: datetime
) -> Verification:
    status, said = _read(asked, given)
    answered = move(
        asked,
        to=status,
        moves=Verification.MOVES,
        by=by,
        at=at,
        supplier_id=asked.supplier_id,
        changes={
            **changes,
            **said,
            "answered_at": at,
            "assignment_acknowledged": given.acknowledged,
            "assignment_acknowledged_at": at if given.acknowledged else None,
        },
    )
    # Later states belong to financing, which is told and decides what a late answer means.
    if invoice.state == State.CREATED:
        to = State.REJECTED if status == Verification.Status.DISPUTED else State.ACCEPTED
        move(invoice, to=to, moves=MOVES, by=by, at=at, supplier_id=invoice.supplier_id)
    emails.answered(verification=answered)
    subscribers.announce(verification=answered, at=at, by=by)
    return answered


def _read(asked: Verification, given: Given) -> tuple[str, dict[str, Any]]:
    """The status that `given` leads to and the columns that it fills. Raises AnswerIncomplete."""
    name = " ".join(given.name.split())[:LONGEST_NAME]
    if not any(sign.isalpha() for sign in name):
        raise AnswerIncomplete("name", "Enter the name of the person who answers.")
    reason = given.reason.replace("\x00", "").strip()[:LONGEST_REASON]
    said: dict[str, Any] = {"answered_name": name}
    if given.answer == Answer.ALL:
        return Verification.Status.CONFIRMED, {**said, "confirmed_amount": asked.balance_asked}
    if given.answer not in (Answer.PART, Answer.DISPUTE):
        raise AnswerIncomplete("answer", "Choose one of the answers.")
    if not reason:
        raise AnswerIncomplete("reason", "Say in a few words what is wrong.")
    said["dispute_reason"] = reason
    places = sorted(set(given.lines))
    if any(place not in range(len(asked.facts["lines"])) for place in places):
        raise AnswerIncomplete("lines", "Choose lines of this invoice.")
    said["disputed_lines"] = places
    if given.answer == Answer.DISPUTE:
        return Verification.Status.DISPUTED, said
    return Verification.Status.PARTLY_CONFIRMED, {**said, "confirmed_amount": _part(asked, given.amount)}


def _part(asked: Verification, amount: Decimal | None) -> Decimal:
    whole = money.text(asked.balance_asked, asked.currency)
    if amount is None:
        raise AnswerIncomplete("amount", "Enter the amount that is right.")
    try:
        part = money.exact(amount)
    except AmountUnreadable as error:
        raise AnswerIncomplete("amount", "Enter an amount with two decimals at most.") from error
    if part <= 0:
        raise AnswerIncomplete("amount", "Enter more than zero, or say that something is wrong with all of it.")
    if part >= asked.balance_asked:
        raise AnswerIncomplete("amount", f"Enter less than {whole}, or answer that everything is right.")
    return part
