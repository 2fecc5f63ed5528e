"""Disputes as their supplier sees them: what the buyer says, whose turn it is, and the supplier's answer.

Nothing of a dispute is kept here. The buyer's answer (verification), the case of a funded invoice (financing.Case) and
the state of the invoice say how it stands; what the supplier says to it is a message of the thread about the invoice.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from infactor.correspondence import writing
from infactor.correspondence.models import Message
from infactor.correspondence.threads import MessageRefused
from infactor.documents.storage import File
from infactor.financing import locks
from infactor.financing.models import Advance, Case
from infactor.invoices.models import Invoice
from infactor.invoices.selectors import LARGE_COLUMNS
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.access import require_member
from infactor.users.models import User
from infactor.verification import requests
from infactor.verification.models import ANSWERED, Verification

Row = TypeVar("Row")
Stance = Message.Stance
ENDED = (BooksStatus.VOIDED, BooksStatus.DELETED, BooksStatus.PAID)
PAID = (State.PAID, State.COMPLETED)
_NOT_IN_FINANCING = (State.CREATED, State.REJECTED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)


class Turn(StrEnum):
    """Who does something next."""

    SUPPLIER = "supplier"
    BUYER = "buyer"
    STAFF = "staff"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Dispute:
    """A dispute of one invoice, as it stands. `case` is that of the funded invoice, `denial` the buyer's answer.

    `later` is what the buyer answered after it, if anything; `answers` is what the supplier said to it, the oldest
    first. `asked` is the request to the buyer that is open.
    """

    invoice: Invoice
    denial: Verification | None
    later: Verification | None
    case: Case | None
    asked: Verification | None
    answers: Sequence[Message]

    @property
    def began_at(self) -> datetime:
        """When the buyer disputed the invoice, or staff opened the case."""
        denied_at = self.denial.answered_at if self.denial is not None else None
        if self.case is None or (denied_at is not None and self.is_newer_than_case):
            if denied_at is None:
                raise ValueError("A dispute has the buyer's answer or a case.")
            return denied_at
        if denied_at is None or self.later is not None:
            return self.case.opened_at
        return min(denied_at, self.case.opened_at)

    @property
    def is_open(self) -> bool:
        return self.turn != Turn.NOBODY

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        if self.case is not None and (self.case.is_open or not self.is_newer_than_case):
            if not self.case.is_open:
                return Turn.NOBODY
            return Turn.STAFF if self.answers else Turn.SUPPLIER
        if self.later is not None or self.invoice.books_status in ENDED or self.invoice.state in PAID:
            return Turn.NOBODY
        if self.invoice.state not in _NOT_IN_FINANCING:
            return Turn.STAFF
        if self.asked is not None and self.asked.status == Verification.Status.SENT:
            return Turn.BUYER
        is_unanswered = self.stance == Stance.EXPLAINS and self.answers[-1].thread.waiting_since is not None
        return Turn.STAFF if is_unanswered else Turn.SUPPLIER

    @property
    def stance(self) -> str:
        """What the supplier said to it last; "" where it has said nothing."""
        return self.answers[-1].stance if self.answers else ""

    @property
    def is_financed(self) -> bool:
        """Whether infactor has bought the invoice, with a case or before there is one."""
        return self.invoice.state in (State.PROPOSAL_ACCEPTED, State.PREPAID)

    @property
    def held_advance(self) -> Advance | None:
        """The advance whose reserve is held, while a case is open."""
        return self.case.advance if self.case is not None and self.case.is_open else None

    @property
    def is_newer_than_case(self) -> bool:
        """Whether the buyer disputed it anew after staff had decided the case."""
        if self.case is None or self.case.closed_at is None or self.denial is None:
            return False
        answered_at = self.denial.answered_at
        return answered_at is not None and answered_at > self.case.closed_at


def of_invoice(invoice: Invoice) -> Dispute | None:
    """The dispute of `invoice`, open or over; None where nobody disputed it."""
    rows = Invoice.objects.select_related("supplier", "buyer", "company_file")
    return next(iter(_read([invoice.pk], rows, Verification.objects.all(), Message.objects.all())), None)


def of_invoices(invoice_ids: Collection[int]) -> list[Dispute]:
    """The disputes of these invoices for a list, without what is large of them. Four queries."""
    rows = Invoice.objects.defer(*LARGE_COLUMNS)
    asked = Verification.objects.defer("facts", "body", "links", "disputed_lines", "line_reasons")
    return _read(invoice_ids, rows, asked, Message.objects.defer("text"))


def answer(
    *,
    invoice: Invoice,
    stance: str,
    key: uuid.UUID,
    text: str,
    files: Sequence[File],
    by: User | None,
    at: datetime,
) -> Message:
    """The supplier answers a dispute that is open. Said to be resolved, an invoice that is not funded is resubmitted;
    of a funded one, staff decide the case.

    Raises MessageRefused, documents' RefusedFile and CannotKeep, and roles.NotAllowed for readers and strangers.
    """
    user = require_member(by=by, supplier=invoice.supplier)
    if stance not in Stance.values:
        raise MessageRefused(_("Choose your answer to the dispute."))
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=invoice.supplier_id)
        if (known := writing.sent_before(supplier=supplier, key=key, by=user)) is not None:
            return known
        locked = requests.lock_invoice(invoice)
        dispute = of_invoice(locked)
        if dispute is None or not dispute.is_open:
            raise MessageRefused(_("This dispute is over. Write to us about the invoice instead."))
        message = writing.write(
            supplier=supplier,
            about=locked,
            key=key,
            text=text,
            files=files,
            by=user,
            at=at,
            stance=stance,
            case=dispute.case,
            verification=dispute.denial,
        )
        if stance == Stance.RESOLVED and locked.state == State.REJECTED:
            requests.resubmit(invoice=locked, by=user, at=at)
        return message


def _read(
    invoice_ids: Collection[int],
    invoices: "QuerySet[Invoice]",
    asked: "QuerySet[Verification]",
    messages: "QuerySet[Message]",
) -> list[Dispute]:
    if not invoice_ids:
        return []
    by_invoice = _grouped(asked.filter(invoice__in=invoice_ids).order_by("pk"), lambda one: one.invoice_id)
    cases = Case.objects.filter(advance__invoice__in=invoice_ids, kind=Case.Kind.DISPUTE).select_related("advance")
    cases_by_invoice = _grouped(cases.order_by("opened_at", "pk"), lambda one: one.advance.invoice_id)
    said = messages.exclude(stance="").filter(thread__invoice__in=invoice_ids)
    said_by_invoice = _grouped(
        said.select_related("author", "thread").order_by("written_at", "pk"), lambda one: one.thread.invoice_id
    )
    found = [
        _dispute(one, by_invoice.get(one.pk, []), cases_by_invoice.get(one.pk, []), said_by_invoice.get(one.pk, []))
        for one in invoices.filter(pk__in=invoice_ids)
    ]
    return [one for one in found if one is not None]


def _dispute(
    invoice: Invoice, requested: Sequence[Verification], cases: Sequence[Case], said: Iterable[Message]
) -> Dispute | None:
    answered = sorted((one for one in requested if one.status in ANSWERED), key=lambda one: (one.answered_at, one.pk))
    denial = next((one for one in reversed(answered) if one.status == Verification.Status.DISPUTED), None)
    case = next((one for one in cases if one.is_open), cases[-1] if cases else None)
    if denial is None and case is None:
        return None
    last = answered[-1] if answered else None
    dispute = Dispute(
        invoice=invoice,
        denial=denial,
        later=last if last is not denial else None,
        case=case,
        asked=next((one for one in requested if one.status in Verification.OPEN), None),
        answers=(),
    )
    known = (None, case.pk if case is not None else None)
    ours = tuple(one for one in said if one.written_at >= dispute.began_at and one.case_id in known)
    return replace(dispute, answers=ours)


def _grouped(rows: Iterable[Row], key: Callable[[Row], int | None]) -> dict[int | None, list[Row]]:
    found: dict[int | None, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
