"""Overrides: staff let an invoice, or the invoices of a buyer, pass a rule of eligibility."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from infactor.core import audit
from infactor.financing import dual_control, locks, terms_in_force
from infactor.financing.eligibility import explanations, recalculation
from infactor.financing.eligibility.catalogue import OVERRIDABLE, Rule
from infactor.financing.models import Override
from infactor.financing.policy.authorization import PolicyError, require_approver_for_amount
from infactor.financing.policy.limits import current_limit
from infactor.financing.value_dates import supplier_today
from infactor.invoices.customer_hierarchy import root_customer, supplier_roots
from infactor.invoices.models import Buyer, Invoice
from infactor.users import roles
from infactor.users.models import User


def override(
    *,
    rule: str,
    reason: str,
    by: User,
    at: datetime,
    invoice: Invoice | None = None,
    buyer: Buyer | None = None,
    until: date | None = None,
    approver: User | None = None,
) -> Override:
    """Let an invoice, or all invoices of a buyer of one supplier, pass a rule, until the day `until` if there is one.

    From the amount on that needs two people a second one is needed: what the invoice comes to, with what else was let
    pass of the supplier within a day by one person alone; of a buyer what it owes, or may owe within its limit.
    Raises NotAllowed, SettingRefused, SecondPersonNeeded.
    """
    roles.require(by, "financing.override_rules")
    subject = invoice if invoice is not None else buyer
    if subject is None or (invoice is not None and buyer is not None):
        raise PolicyError("Choose an invoice or a buyer.")
    if rule not in OVERRIDABLE:
        raise PolicyError("Nobody can let an invoice pass this rule.")
    if not reason.strip():
        raise PolicyError("Say why.")
    with transaction.atomic():
        if buyer is not None:
            buyer = subject = root_customer(buyer=buyer)
        locks.lock_supplier_and_debtors(supplier_id=subject.supplier_id)
        for currency, amount in _amount_for_dual_control(invoice=invoice, buyer=buyer, at=at).items():
            require_approver_for_amount(by, approver, amount, currency, supplier=subject.supplier, at=at)
        live = Override.objects.filter(
            rule=rule, supplier=subject.supplier, invoice=invoice, buyer=buyer, ended_at__isnull=True
        )
        for old in live.select_for_update():
            _end(old, by=by, at=at)
        made = Override.objects.create(
            rule=rule,
            supplier=subject.supplier,
            invoice=invoice,
            buyer=buyer,
            until=until,
            reason=reason,
            set_by=by,
            set_at=at,
            approved_by=approver,
        )
        audit.record(
            event="override.set",
            subject=made,
            by=by,
            at=at,
            supplier_id=made.supplier_id,
            reason=reason,
            details={
                "rule": rule,
                "of": subject._meta.label_lower,
                "id": subject.pk,
                "second": approver and approver.pk,
            },
        )
        recalculation.request_recalculation(supplier_ids=[made.supplier_id])
        return made


def end_override(*, override: Override, by: User, at: datetime) -> Override:
    """The rule holds again."""
    roles.require(by, "financing.override_rules")
    with transaction.atomic():
        current = Override.objects.select_for_update(of=("self",)).get(pk=override.pk)
        if current.ended_at is not None:
            raise PolicyError("It was ended already.")
        _end(current, by=by, at=at)
        recalculation.request_recalculation(supplier_ids=[current.supplier_id])
        return current


def overridable_rule_choices() -> list[tuple[str, str]]:
    """Rules that staff may let an invoice pass, by their titles."""
    return [(rule.value, explanations.staff_title(rule.value)) for rule in Rule if rule in OVERRIDABLE]


def _end(override: Override, *, by: User, at: datetime) -> None:
    override.ended_by, override.ended_at = by, at
    override.save()
    audit.record(event="override.ended", subject=override, by=by, at=at, supplier_id=override.supplier_id)


def amount_at_risk(*, invoice: Invoice | None, buyer: Buyer | None) -> dict[str, Decimal]:
    """What is open of the invoice, or of all invoices of the buyer, by currency."""
    if invoice is not None:
        return {invoice.currency: invoice.balance or Decimal(0)}
    rows = Invoice.objects.filter(buyer__in=_buyer_and_sub_customers(buyer), balance__gt=0).order_by()
    sums = rows.values_list("currency").annotate(sum=Sum("balance"))
    return {currency: amount for currency, amount in sums if amount is not None}


def _amount_for_dual_control(*, invoice: Invoice | None, buyer: Buyer | None, at: datetime) -> dict[str, Decimal]:
    """What an override may let pass, by currency, as far as it counts for a second person."""
    found = amount_at_risk(invoice=invoice, buyer=buyer)
    if invoice is not None:
        alone = Override.objects.filter(
            supplier=invoice.supplier, set_at__gt=at - dual_control.DUAL_CONTROL_WINDOW, approved_by__isnull=True
        )
        others = Invoice.objects.filter(pk__in=alone.values("invoice"), currency=invoice.currency).exclude(
            pk=invoice.pk
        )
        found[invoice.currency] += others.aggregate(sum=Sum("balance"))["sum"] or Decimal(0)
    if buyer is not None:
        in_force = terms_in_force.terms_in_force(
            supplier=buyer.supplier, on=supplier_today(supplier=buyer.supplier, at=at)
        )
        for currency, terms in in_force.items():
            own = buyer.debtor and current_limit(debtor=buyer.debtor, supplier=buyer.supplier, currency=currency)
            found[currency] = max(found.get(currency, Decimal(0)), own.amount if own else terms.pair_limit)
    return found


def _buyer_and_sub_customers(buyer: Buyer | None) -> list[int]:
    """The keys of a top customer and of everything that rolls up to it."""
    if buyer is None:
        return []
    return [pk for pk, top in supplier_roots(supplier=buyer.supplier).items() if top == buyer.pk]
