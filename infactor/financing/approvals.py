"""Approvals: one person requests an action under dual control, a second one approves it, and that executes it."""

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
    """The approval cannot be requested or decided. The message says why."""


@dataclass(frozen=True)
class ApprovalRequest:
    """An action that may need two people. `arguments` are those of `kind`, as JSON: keys, text, ISO dates.

    The requester must have `permission`. `summary` says what will be done, with the figures.
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
    """Execute at once what one person may do, and return None; otherwise request approval, and return that.

    Raises NotAllowed, ApprovalError if it is already requested, and what the service behind it raises.
    """
    roles.require(by, request.permission)
    try:
        with transaction.atomic():
            _execute(request.kind, request.arguments, by=by, approver=None, at=at)
    except ApproverRequired:
        return _request_approval(request, by=by, at=at)
    return None


def approve(*, approval: Approval, by: User, at: datetime) -> Approval:
    """The second person approves, which executes the action: both or neither.

    Raises NotAllowed (also for the requester), ApprovalError, and what the service behind it raises: the situation may
    have changed since the request.
    """
    roles.require(by, dual_control.APPROVE_MONEY_OUT)
    with transaction.atomic():
        current = _lock_undecided(approval)
        if current.requested_by_id == by.pk:
            raise roles.NotAllowed("Somebody other than the requester must approve.")
        _decide(current, Approval.Decision.APPROVED, by=by, at=at, reason="")
        _execute(current.kind, current.arguments, by=current.requested_by, approver=by, at=at)
        return current


def refuse(*, approval: Approval, by: User, at: datetime, reason: str) -> Approval:
    """The second person refuses, or the requester withdraws it. Raises NotAllowed, ApprovalError."""
    if approval.requested_by_id != by.pk:
        roles.require(by, dual_control.APPROVE_MONEY_OUT)
    if not reason.strip():
        raise ApprovalError("Enter a reason.")
    with transaction.atomic():
        current = _lock_undecided(approval)
        _decide(current, Approval.Decision.REJECTED, by=by, at=at, reason=reason)
        return current


def _request_approval(request: ApprovalRequest, *, by: User, at: datetime) -> Approval:
    try:
        with transaction.atomic():
            approval = Approval.objects.create(
                kind=request.kind,
                subject=request.subject,
                supplier=request.supplier,
                currency=request.currency,
                amount=request.amount,
                arguments=dict(request.arguments),
                summary=request.summary[:300],
                requested_by=by,
                requested_at=at,
            )
            audit.record(
                event="approval.requested",
                subject=approval,
                by=by,
                at=at,
                supplier_id=request.supplier.pk if request.supplier else None,
                details={"kind": request.kind, "of": request.subject},
            )
            return approval
    except IntegrityError as error:
        if "one_open_approval_per_subject" not in str(error):
            raise
        raise ApprovalError("Approval of this is already requested. A second person must approve it.") from error


def _lock_undecided(approval: Approval) -> Approval:
    current = Approval.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=approval.pk)
    if current.decided_at is not None:
        raise ApprovalError("This is already decided.")
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


def _fund(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier", "terms").get(pk=arguments["advance"])
    on = _value_date(arguments, supplier=advance.supplier, at=at, approved=approver is not None)
    funding.fund(advance=advance, value_date=on, by=by, approver=approver, at=at, reason=arguments.get("reason", ""))


def _settle(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier").get(pk=arguments["advance"])
    on = _value_date(arguments, supplier=advance.supplier, at=at, approved=approver is not None)
    sets_off = arguments.get("sets_off", False)
    settlements.settle(advance=advance, value_date=on, by=by, approver=approver, at=at, with_set_off=sets_off)


def _write_off(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier").get(pk=arguments["advance"])
    on = date.fromisoformat(arguments["value_date"])
    write_offs.write_off(advance=advance, value_date=on, by=by, approver=approver, at=at, reason=arguments["reason"])


def _remit(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    supplier = Supplier.objects.get(pk=arguments["supplier"])
    payouts.remit(
        supplier=supplier,
        currency=arguments["currency"],
        amount=Decimal(arguments["amount"]),
        value_date=_value_date(arguments, supplier=supplier, at=at, approved=approver is not None),
        by=by,
        approver=approver,
        at=at,
    )


def _resend(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    payout = Payout.objects.select_related("supplier").get(pk=arguments["payout"])
    on = _value_date(arguments, supplier=payout.supplier, at=at, approved=approver is not None)
    payouts.resend(payout=payout, value_date=on, by=by, approver=approver, at=at)


def _override(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    overrides.override(
        rule=arguments["rule"],
        invoice=_row(Invoice, arguments.get("invoice")),
        buyer=_row(Buyer, arguments.get("buyer")),
        until=date.fromisoformat(arguments["until"]) if arguments.get("until") else None,
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _limit(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    limits.set_limit(
        debtor=_row(Debtor, arguments.get("debtor")),
        supplier=_row(Supplier, arguments.get("supplier")),
        currency=arguments["currency"],
        amount=Decimal(arguments["amount"]),
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _terms(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    set_terms(terms=terms_in_force.from_text(given=arguments), by=by, approver=approver, at=at)


def _row(model: type[models.Model], key: int | None) -> Any:
    return None if key is None else model._default_manager.get(pk=key)


def _value_date(arguments: Mapping[str, Any], *, supplier: Supplier, at: datetime, approved: bool) -> date:
    """The requested day. An approved payout is paid on the day of the approval at the earliest."""
    requested = date.fromisoformat(arguments["value_date"])
    return max(requested, supplier_today(supplier=supplier, at=at)) if approved else requested


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
