"""An answer as a buyer gives it, and the check that it is complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from infactor.core import money
from infactor.core.money import InvalidAmount
from infactor.core.plain_text import to_plain_text
from infactor.verification.models import Verification

MAX_NAME_LENGTH, MAX_REASON_LENGTH = 150, 2000
MAX_LINE_REASON_LENGTH = 200
MAX_ROLE_LENGTH, MAX_PHONE_LENGTH, MAX_PO_LENGTH = 100, 40, 60
# A planned pay date further away is a slip of the keyboard.
MAX_DAYS_AHEAD = 366
Objection = Verification.Objection


class Answer(models.TextChoices):
    """The answers that a buyer can choose."""

    ALL = "all", gettext_lazy("Approve in full")
    PART = "part", gettext_lazy("Approve part")
    DISPUTE = "dispute", pgettext_lazy("answer", "Dispute")
    PAID = "paid", gettext_lazy("Already paid")
    NOT_OURS = "not_ours", gettext_lazy("Not our company")


# What a buyer that does not approve objects to.
OBJECTIONS = {Answer.DISPUTE: Objection.WRONG, Answer.PAID: Objection.PAID, Answer.NOT_OURS: Objection.NOT_OURS}
NOT_OURS_REASON = "The buyer says that this invoice is not for its company."


class AnswerIncomplete(ValueError):
    """The answer lacks something or contradicts itself; `field` names the part."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SubmittedAnswer:
    """An answer as it was entered. `amount` is for a partial confirmation, in the request's currency.

    `lines` are indexes into the lines of the snapshot; none means all of them. `line_reasons` says of some of them what
    is wrong. `paid_on` and `paid_to` are for an invoice that is already paid, `planned_pay_on` and `po_number` for an
    approved one.
    """

    answer: str
    name: str
    amount: Decimal | None = None
    reason: str = ""
    lines: Sequence[int] = ()
    phone_number: str = ""
    call_note: str = ""
    role: str = ""
    phone: str = ""
    paid_on: date | None = None
    paid_to: str = ""
    planned_pay_on: date | None = None
    po_number: str = ""
    line_reasons: Mapping[int, str] = field(default_factory=dict)


def validated(verification: Verification, submitted: SubmittedAnswer, *, today: date) -> tuple[str, dict[str, Any]]:
    """The status and the column values of `submitted`; `today` is the supplier's day. Raises AnswerIncomplete."""
    name = _line(submitted.name, MAX_NAME_LENGTH)
    if not any(character.isalpha() for character in name):
        raise AnswerIncomplete("name", _("Enter the name of the person who answers."))
    values: dict[str, Any] = {
        "answered_name": name,
        "answered_role": _line(submitted.role, MAX_ROLE_LENGTH),
        "answered_phone": _line(submitted.phone, MAX_PHONE_LENGTH),
    }
    if submitted.answer not in Answer.values:
        raise AnswerIncomplete("answer", _("Choose one of the answers."))
    reason = to_plain_text(submitted.reason)[:MAX_REASON_LENGTH]
    if submitted.answer in OBJECTIONS:
        return Verification.Status.DISPUTED, {**values, **_objection(verification, submitted, reason, today=today)}
    if submitted.planned_pay_on is not None and not 0 <= (submitted.planned_pay_on - today).days <= MAX_DAYS_AHEAD:
        raise AnswerIncomplete("planned_pay_on", _("Enter a day from today on, at most a year away."))
    values |= {"planned_pay_on": submitted.planned_pay_on, "po_number": _line(submitted.po_number, MAX_PO_LENGTH)}
    if submitted.answer == Answer.ALL:
        return Verification.Status.CONFIRMED, {**values, "confirmed_amount": verification.balance_asked}
    return Verification.Status.PARTLY_CONFIRMED, {
        **values,
        **_wrong(verification, submitted, reason),
        "confirmed_amount": _part(verification, submitted.amount),
    }


def _objection(verification: Verification, submitted: SubmittedAnswer, reason: str, *, today: date) -> dict[str, Any]:
    objection = OBJECTIONS[Answer(submitted.answer)]
    if objection == Objection.WRONG:
        return {"objection": objection, **_wrong(verification, submitted, reason)}
    if objection == Objection.NOT_OURS:
        return {"objection": objection, "dispute_reason": _with_note(NOT_OURS_REASON, reason)}
    if submitted.paid_on is None or submitted.paid_on > today:
        raise AnswerIncomplete("paid_on", _("Enter the day on which you paid, today at the latest."))
    if submitted.paid_to not in Verification.PaidTo.values:
        raise AnswerIncomplete("paid_to", _("Choose whom you paid."))
    if submitted.paid_to == Verification.PaidTo.OTHER and not reason:
        raise AnswerIncomplete("reason", _("Say whom you paid."))
    payee = {
        Verification.PaidTo.SUPPLIER: verification.facts["supplier"],
        Verification.PaidTo.INFACTOR: "infactor",
        Verification.PaidTo.OTHER: "somebody else",
    }[Verification.PaidTo(submitted.paid_to)]
    paid = f"The buyer says that it paid this invoice on {submitted.paid_on:%b} {submitted.paid_on.day}, "
    return {
        "objection": objection,
        "paid_on": submitted.paid_on,
        "paid_to": submitted.paid_to,
        "dispute_reason": _with_note(f"{paid}{submitted.paid_on.year}, to {payee}.", reason),
    }


def _wrong(verification: Verification, submitted: SubmittedAnswer, reason: str) -> dict[str, Any]:
    """What is wrong with which lines. Where each line has a reason of its own, a common one is not needed."""
    places = _places(verification, submitted)
    given = {place: _line(submitted.line_reasons.get(place, ""), MAX_LINE_REASON_LENGTH) for place in places}
    reasons = {place: text for place, text in given.items() if text}
    if not reason:
        if not places or len(reasons) < len(places):
            raise AnswerIncomplete("reason", _("Say in a few words what is wrong."))
        titles = verification.facts["lines"]
        reason = "\n".join(f"{titles[place]['title']}: {text}" for place, text in reasons.items())
    return {
        "dispute_reason": reason[:MAX_REASON_LENGTH],
        "disputed_lines": places,
        "line_reasons": {str(place): text for place, text in reasons.items()},
    }


def _with_note(said: str, note: str) -> str:
    return f"{said}\n{note}" if note else said


def _places(verification: Verification, submitted: SubmittedAnswer) -> list[int]:
    places = sorted(set(submitted.lines))
    if any(place not in range(len(verification.facts["lines"])) for place in places):
        raise AnswerIncomplete("lines", _("Choose lines of this invoice."))
    return places


def _part(verification: Verification, amount: Decimal | None) -> Decimal:
    whole = money.format_amount(verification.balance_asked, verification.currency)
    if amount is None:
        raise AnswerIncomplete("amount", _("Enter the amount that you approve."))
    try:
        part = money.validate_amount(amount, verification.currency)
    except InvalidAmount as error:
        decimals = (
            _("no decimals") if verification.currency in money.ZERO_DECIMAL_CURRENCIES else _("at most two decimals")
        )
        raise AnswerIncomplete("amount", _("Enter an amount with %(decimals)s.") % {"decimals": decimals}) from error
    if part <= 0:
        raise AnswerIncomplete("amount", _("Enter more than zero, or dispute the whole invoice."))
    if part >= verification.balance_asked:
        raise AnswerIncomplete("amount", _("Enter less than %(whole)s, or approve in full.") % {"whole": whole})
    return part


def _line(text: str, length: int) -> str:
    return to_plain_text(text, multiline=False)[:length].strip()
