"""Approvals: one person requests an action under dual control, a second one approves it, and that executes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from infactor.core import audit
from infactor.financing import approval_actions, dual_control
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Approval
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
            approval_actions.execute(kind=request.kind, arguments=request.arguments, by=by, approver=None, at=at)
    except ApproverRequired:
        return _request_approval(request, by=by, at=at)
    if dual_control.rehearsed_reasons():
        _request_approval(request, by=by, at=at)  # refused where it is requested already
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
        approval_actions.execute(
            kind=current.kind, arguments=current.arguments, by=current.requested_by, approver=by, at=at
        )
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
