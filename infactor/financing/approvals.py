"""Two people for money out and overrides: one asks with all that is to be done, another approves, and it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction

from infactor.core import audit
from infactor.financing import dual_control, payouts, terms_in_force
from infactor.financing.advances import funding, settlements, write_offs
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Approval, Payout
from infactor.financing.policy import limits, overrides
from infactor.financing.policy.terms import set_terms
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User


class ApprovalError(Exception):
    """It cannot be asked for, or not be decided, so; the message says why."""


@dataclass(frozen=True)
class ApprovalRequest:
    """Something that may need two people. `arguments` are what `kind` needs, as JSON: keys, text, ISO dates.

    `permission` is what who asks must have; `summary` says with figures what will be done.
    """

    kind: str
    subject: str
    permission: str
    supplier: Supplier | None
    currency: str
    amount: Decimal
    summary: str
    arguments: Mapping[str, Any]


def execute_or_request_approval(*, request: ApprovalRequest, by: User, at: datetime) -> Approval | None:
    """Do it at once where one person may, and return None; else ask for a second one, and return what was asked.

    Raises what the service behind it raises, NotAllowed among it, and ApprovalRefused where it is asked for already.
    """
    roles.require(by, request.permission)
    try:
        with transaction.atomic():
            _execute(request.kind, request.arguments, by=by, approver=None, at=at)
    except ApproverRequired:
        return _request_approval(request, by=by, at=at)
    return None


def approve(*, approval: Approval, by: User, at: datetime) -> Approval:
    """The second person says yes, and with that it is done, both or neither.

    Raises NotAllowed (also for who asked), ApprovalRefused, and what the service behind it raises: the world may have
    moved on.
    """
    roles.require(by, dual_control.APPROVE_MONEY_OUT)
    with transaction.atomic():
        current = _lock_undecided(approval)
        if current.requested_by_id == by.pk:
            raise roles.NotAllowed("Somebody else than who asked has to approve.")
        _decide(current, Approval.Decision.APPROVED, by=by, at=at, reason="")
        _execute(current.kind, current.arguments, by=current.requested_by, approver=by, at=at)
        return current


def refuse(*, approval: Approval, by: User, at: datetime, reason: str) -> Approval:
    """Say no, or take back what one asked for oneself."""
    if approval.requested_by_id != by.pk:
        roles.require(by, dual_control.APPROVE_MONEY_OUT)
    if not reason.strip():
        raise ApprovalError("Say why.")
    with transaction.atomic():
        current = _lock_undecided(approval)
        _decide(current, Approval.Decision.REFUSED, by=by, at=at, reason=reason)
        return current


def _request_approval(plan: ApprovalRequest, *, by: User, at: datetime) -> Approval:
    try:
        with transaction.atomic():
            asked = Approval.objects.create(
                kind=plan.kind,
                subject=plan.subject,
                supplier=plan.supplier,
                currency=plan.currency,
                amount=plan.amount,
                arguments=dict(plan.arguments),
                summary=plan.summary[:300],
                requested_by=by,
                requested_at=at,
            )
            audit.record(
                event="approval.asked",
                subject=asked,
                by=by,
                at=at,
                supplier_id=plan.supplier.pk if plan.supplier else None,
                details={"kind": plan.kind, "of": plan.subject},
            )
            return asked
    except IntegrityError as error:
        if "one_open_approval_per_subject" not in str(error):
            raise
        raise ApprovalError("Somebody has asked for this already: a second person has to approve it.") from error


def _lock_undecided(approval: Approval) -> Approval:
    current = Approval.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=approval.pk)
    if current.decided_at is not None:
        raise ApprovalError("This was decided already.")
    return current


def _decide(approval: Approval, decision: str, *, by: User, at: datetime, reason: str) -> None:
    approval.decision, approval.decided_by, approval.decided_at, approval.reason = decision, by, at, reason[:300]
    approval.save()
    audit.record(
        event=f"approval.{decision}",
        subject=approval,
        by=by,
        at=at,
        supplier_id=approval.supplier_id,
        reason=reason,
        details={"kind": approval.kind, "of": approval.subject},
    )


def _execute(kind: str, arguments: Mapping[str, Any], *, by: User, approver: User | None, at: datetime) -> None:
    EXECUTORS[Approval.Kind(kind)](arguments, by, approver, at)


def _fund(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier", "terms").get(pk=given["advance"])
    on = _value_date(given, supplier=advance.supplier, at=at, approved=approver is not None)
    funding.fund(advance=advance, value_date=on, by=by, approver=approver, at=at, reason=given.get("reason", ""))


def _settle(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier").get(pk=given["advance"])
    on = _value_date(given, supplier=advance.supplier, at=at, approved=approver is not None)
    sets_off = given.get("sets_off", False)
    settlements.settle(advance=advance, value_date=on, by=by, approver=approver, at=at, with_set_off=sets_off)


def _write_off(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier").get(pk=given["advance"])
    on = date.fromisoformat(given["value_date"])
    write_offs.write_off(advance=advance, value_date=on, by=by, approver=approver, at=at, reason=given["reason"])


def _remit(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    supplier = Supplier.objects.get(pk=given["supplier"])
    payouts.remit(
        supplier=supplier,
        currency=given["currency"],
        amount=Decimal(given["amount"]),
        value_date=_value_date(given, supplier=supplier, at=at, approved=approver is not None),
        by=by,
        approver=approver,
        at=at,
    )


def _resend(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    payout = Payout.objects.select_related("supplier").get(pk=given["payout"])
    on = _value_date(given, supplier=payout.supplier, at=at, approved=approver is not None)
    payouts.resend(payout=payout, value_date=on, by=by, approver=approver, at=at)


def _override(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    overrides.override(
        rule=given["rule"],
        invoice=_row(Invoice, given.get("invoice")),
        buyer=_row(Buyer, given.get("buyer")),
        until=date.fromisoformat(given["until"]) if given.get("until") else None,
        reason=given["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _limit(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    limits.set_limit(
        debtor=_row(Debtor, given.get("debtor")),
        supplier=_row(Supplier, given.get("supplier")),
        currency=given["currency"],
        amount=Decimal(given["amount"]),
        reason=given["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _terms(given: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    set_terms(terms=terms_in_force.from_text(given=given), by=by, approver=approver, at=at)


def _row(model: type[models.Model], key: int | None) -> Any:
    return None if key is None else model._default_manager.get(pk=key)


def _value_date(given: Mapping[str, Any], *, supplier: Supplier, at: datetime, approved: bool) -> date:
    """The day that was asked for; what is approved only later is paid no earlier than on the day of the approval."""
    asked = date.fromisoformat(given["value_date"])
    return max(asked, supplier_today(supplier=supplier, at=at)) if approved else asked


EXECUTORS: dict[Approval.Kind, Callable[[Mapping[str, Any], User, User | None, datetime], None]] = {
    Approval.Kind.FUND: _fund,
    Approval.Kind.SETTLE: _settle,
    Approval.Kind.REMIT: _remit,
    Approval.Kind.RESEND: _resend,
    Approval.Kind.WRITE_OFF: _write_off,
    Approval.Kind.OVERRIDE: _override,
    Approval.Kind.LIMIT: _limit,
    Approval.Kind.TERMS: _terms,
}
