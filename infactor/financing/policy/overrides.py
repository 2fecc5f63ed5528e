"""Overrides: staff let an invoice, or one buyer's invoices, pass a rule of eligibility."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

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
    """Let an invoice, or all invoices of a buyer of one supplier, pass a rule, until the day `until` if given.

    A second person is needed from the dual control threshold. For an invoice its balance counts, with those of the
    supplier's other invoices that one person overrode within a day; for a buyer what it owes, or may owe by its limit.
    Raises NotAllowed, PolicyError, ApproverRequired.
    """
    roles.require(by, "financing.override_rules")
    subject = invoice if invoice is not None else buyer
    if subject is None or (invoice is not None and buyer is not None):
        raise PolicyError(_("Choose an invoice or a buyer."))
    if rule not in OVERRIDABLE:
        raise PolicyError(_("This rule cannot be overridden."))
    if not reason.strip():
        raise PolicyError(_("Enter a reason."))
    with transaction.atomic():
        if buyer is not None:
            buyer = subject = root_customer(buyer=buyer)
        locks.lock_supplier_and_debtors(supplier_id=subject.supplier_id)
        for currency, amount in _amount_for_dual_control(invoice=invoice, buyer=buyer, at=at).items():
            require_approver_for_amount(by, approver, amount, currency, supplier=subject.supplier, at=at)
        in_force = Override.objects.filter(
            rule=rule, supplier=subject.supplier, invoice=invoice, buyer=buyer, ended_at__isnull=True
        )
        for replaced in in_force.select_for_update():
            _end(replaced, by=by, at=at)
        created = Override.objects.create(
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
            subject=created,
            by=by,
            at=at,
            supplier_id=created.supplier_id,
            reason=reason,
            details={
                "rule": rule,
                "of": subject._meta.label_lower,
                "id": subject.pk,
                "approver": approver and approver.pk,
            },
        )
        recalculation.request_recalculation(supplier_ids=[created.supplier_id])
        return created


def end_override(*, override: Override, by: User, at: datetime) -> Override:
    """End an override: the rule applies again. Raises NotAllowed, PolicyError."""
    roles.require(by, "financing.override_rules")
    with transaction.atomic():
        current = Override.objects.select_for_update(of=("self",)).get(pk=override.pk)
        if current.ended_at is not None:
            raise PolicyError(_("This override has already ended."))
        _end(current, by=by, at=at)
        recalculation.request_recalculation(supplier_ids=[current.supplier_id])
        return current


def overridable_rule_choices() -> list[tuple[str, str]]:
    """The rules that staff may override, with their titles."""
    return [(rule.value, explanations.staff_title(rule.value)) for rule in Rule if rule in OVERRIDABLE]


def _end(override: Override, *, by: User, at: datetime) -> None:
    override.ended_by, override.ended_at = by, at
    override.save()
    audit.record(event="override.ended", subject=override, by=by, at=at, supplier_id=override.supplier_id)


def amount_at_risk(*, invoice: Invoice | None, buyer: Buyer | None) -> dict[str, Decimal]:
    """The open balance of the invoice, or of all invoices of the buyer, by currency."""
    if invoice is not None:
        return {invoice.currency: invoice.balance or Decimal(0)}
    rows = Invoice.objects.filter(buyer__in=_buyer_and_sub_customers(buyer), balance__gt=0).order_by()
    sums = rows.values_list("currency").annotate(sum=Sum("balance"))
    return {currency: amount for currency, amount in sums if amount is not None}


def _amount_for_dual_control(*, invoice: Invoice | None, buyer: Buyer | None, at: datetime) -> dict[str, Decimal]:
    """The amount of an override that counts for dual control, by currency."""
    found = amount_at_risk(invoice=invoice, buyer=buyer)
    if invoice is not None:
        unapproved = Override.objects.filter(
            supplier=invoice.supplier, set_at__gt=at - dual_control.DUAL_CONTROL_WINDOW, approved_by__isnull=True
        )
        others = Invoice.objects.filter(pk__in=unapproved.values("invoice"), currency=invoice.currency).exclude(
            pk=invoice.pk
        )
        found[invoice.currency] += others.aggregate(sum=Sum("balance"))["sum"] or Decimal(0)
    if buyer is not None:
        in_force = terms_in_force.terms_in_force(
            supplier=buyer.supplier, on=supplier_today(supplier=buyer.supplier, at=at)
        )
        for currency, terms in in_force.items():
            limit = buyer.debtor and current_limit(debtor=buyer.debtor, supplier=buyer.supplier, currency=currency)
            found[currency] = max(found.get(currency, Decimal(0)), limit.amount if limit else terms.pair_limit)
    return found


def _buyer_and_sub_customers(buyer: Buyer | None) -> list[int]:
    """The keys of a root customer and of its sub-customers."""
    if buyer is None:
        return []
    return [pk for pk, root in supplier_roots(supplier=buyer.supplier).items() if root == buyer.pk]
