"""What each kind of approval executes: one service call with the arguments that were requested."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from infactor.core.business_day import business_day
from infactor.financing import dual_control, payouts, terms_in_force
from infactor.financing.advances import (
    collection_costs,
    funding,
    repurchases,
    settlements,
    short_payments,
    write_offs,
)
from infactor.financing.corrections import (
    advance_corrections,
    collection_returns,
    cost_corrections,
    fundings,
    payment_corrections,
    refunds,
)
from infactor.financing.models import (
    Advance,
    Approval,
    Collection,
    CollectionCost,
    Correction,
    FinancingRequest,
    Payee,
    PayeeAccount,
    Payout,
)
from infactor.financing.origination import offers
from infactor.financing.origination.deals import Deal
from infactor.financing.policy import limits, overrides
from infactor.financing.policy.terms import set_terms
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.ledger import periods
from infactor.suppliers import check_requirements
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User


def execute(*, kind: str, arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    """Do what an approval of `kind` is about. `approver` is the second person, if there is one yet.

    Raises ApproverRequired where one is needed and missing, and what the service behind it raises.
    """
    EXECUTORS[Approval.Kind(kind)](arguments, by, approver, at)


def _fund(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier", "terms").get(pk=arguments["advance"])
    on = _value_date(arguments, at=at, approved=approver is not None)
    funding.fund(
        advance=advance,
        value_date=on,
        by=by,
        approver=approver,
        at=at,
        reason=arguments.get("reason", ""),
        with_netting=arguments.get("nets"),
    )


def _settle(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    advance = Advance.objects.select_related("supplier").get(pk=arguments["advance"])
    on = _value_date(arguments, at=at, approved=approver is not None)
    nets = arguments.get("nets")
    settlements.settle(advance=advance, value_date=on, by=by, approver=approver, at=at, with_set_off=nets)


def _short(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    short_payments.accept_short_payment(
        advance=Advance.objects.get(pk=arguments["advance"]),
        amount=Decimal(arguments["amount"]),
        value_date=date.fromisoformat(arguments["value_date"]),
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _repurchase(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    repurchases.repurchase(
        advance=Advance.objects.get(pk=arguments["advance"]),
        value_date=date.fromisoformat(arguments["value_date"]),
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _cost(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    collection_costs.record(
        advance=Advance.objects.get(pk=arguments["advance"]),
        amount=Decimal(arguments["amount"]),
        payee=Payee.objects.get(pk=arguments["payee"]),
        value_date=date.fromisoformat(arguments["value_date"]),
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _refund(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    refunds.refund(
        collection=Collection.objects.get(pk=arguments["collection"]),
        amount=Decimal(arguments["amount"]),
        account=PayeeAccount.objects.get(pk=arguments["payee_account"]),
        value_date=date.fromisoformat(arguments["value_date"]),
        reason=arguments["reason"],
        by=by,
        approver=approver,
        at=at,
    )


def _correct(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    """A correction of a payment, or of an advance: `kind` says which, the rest are the arguments of its service."""
    common: Any = {"by": by, "approver": approver, "at": at, "reason": arguments["reason"]}
    kind = Correction.Kind(arguments["kind"])
    if "advance" in arguments:
        advance = Advance.objects.get(pk=arguments["advance"])
        if kind == Correction.Kind.SHORT_PAYMENT:
            advance_corrections.take_back_short_payment(advance=advance, reference=arguments["reference"], **common)
        elif kind == Correction.Kind.FUNDING:
            fundings.take_back(advance=advance, **common)
        elif kind == Correction.Kind.COST:
            cost_corrections.cancel(cost=CollectionCost.objects.get(pk=arguments["cost"], advance=advance), **common)
        else:
            advance_corrections.take_back_closing(advance=advance, **common)
        return
    collection = Collection.objects.get(pk=arguments["collection"])
    if kind == Correction.Kind.UNMATCH:
        payment_corrections.unmatch(collection=collection, allocation_ids=arguments["allocations"], **common)
    elif kind == Correction.Kind.VALUE_DATE:
        day = date.fromisoformat(arguments["value_date"])
        payment_corrections.change_value_date(collection=collection, value_date=day, **common)
    elif kind == Correction.Kind.WITHDRAWAL:
        payment_corrections.withdraw(collection=collection, **common)
    elif kind == Correction.Kind.RETURN:
        collection_returns.take_back(collection=collection, **common)
    else:
        payment_corrections.change_amount(collection=collection, amount=Decimal(arguments["amount"]), **common)


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
        value_date=_value_date(arguments, at=at, approved=approver is not None),
        with_netting=arguments.get("nets"),
        by=by,
        approver=approver,
        at=at,
    )


def _resend(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    payout = Payout.objects.select_related("supplier").get(pk=arguments["payout"])
    if payout.supplier is None:
        raise payouts.PayoutError("A refund is not prepared again by itself.")
    on = _value_date(arguments, at=at, approved=approver is not None)
    nets = arguments.get("nets")
    payouts.resend(payout=payout, value_date=on, by=by, approver=approver, at=at, with_netting=nets)


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


def _offer(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    request = FinancingRequest.objects.select_related("supplier").get(pk=arguments["request"])
    offers.create(
        request=request,
        lines=list(request.lines.filter(pk__in=arguments["lines"])),
        deal=Deal.from_text(arguments["deal"]),
        by=by,
        approver=approver,
        at=at,
    )


def _terms(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    set_terms(terms=terms_in_force.from_text(given=arguments), by=by, approver=approver, at=at)


def _check(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    """One person may require a check; that approval needs one no longer is always approved by a second."""
    changed: Any = {name: arguments[name] for name in ("kind", "is_required", "grace_days")}
    check_requirements.require_change(**changed)
    if not arguments["is_required"] and approver is None:
        dual_control.require_approver(by=by, approver=approver, reason="A second person must approve this.")
        return
    check_requirements.set_requirement(**changed, reason=arguments["reason"], by=by, approver=approver, at=at)


def _reopen(arguments: Mapping[str, Any], by: User, approver: User | None, at: datetime) -> None:
    """A closed month is always reopened by two people: what was reported of it may change."""
    if approver is None:
        dual_control.require_approver(by=by, approver=approver, reason="A second person must approve this.")
        return
    roles.require(approver, dual_control.APPROVE_MONEY_OUT)
    month, reason = date.fromisoformat(arguments["month"]), arguments["reason"]
    periods.reopen(month=month, reason=reason, by=by, approver=approver, at=at)


def _row(model: type[models.Model], key: int | None) -> Any:
    return None if key is None else model._default_manager.get(pk=key)


def _value_date(arguments: Mapping[str, Any], *, at: datetime, approved: bool) -> date:
    """The requested day. An approved payout is paid on the day of the approval at the earliest."""
    requested = date.fromisoformat(arguments["value_date"])
    return max(requested, business_day(at)) if approved else requested


EXECUTORS: dict[Approval.Kind, Callable[[Mapping[str, Any], User, User | None, datetime], None]] = {
    Approval.Kind.FUND: _fund,
    Approval.Kind.SETTLE: _settle,
    Approval.Kind.REMIT: _remit,
    Approval.Kind.RESEND: _resend,
    Approval.Kind.WRITE_OFF: _write_off,
    Approval.Kind.SHORT: _short,
    Approval.Kind.REPURCHASE: _repurchase,
    Approval.Kind.COST: _cost,
    Approval.Kind.REFUND: _refund,
    Approval.Kind.CORRECTION: _correct,
    Approval.Kind.OVERRIDE: _override,
    Approval.Kind.LIMIT: _limit,
    Approval.Kind.OFFER: _offer,
    Approval.Kind.TERMS: _terms,
    Approval.Kind.CHECK: _check,
    Approval.Kind.REOPEN: _reopen,
}
