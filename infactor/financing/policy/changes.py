"""Staff set terms, limits and overrides: a new row each time, with who, when, from what, to what and why."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from infactor.core import audit
from infactor.financing import dual_control, locks, terms_in_force
from infactor.financing.eligibility import explanations, recalculation
from infactor.financing.eligibility.rules.catalogue import OVERRIDABLE, Rule
from infactor.financing.models import FundingTerms, Limit, Override
from infactor.financing.terms import Terms
from infactor.financing.value_dates import today_of
from infactor.invoices.customer_hierarchy import top_of, tops_of
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User


class SettingRefused(Exception):
    """This cannot be set; the message says why. Nothing was written."""


def set_terms(*, terms: FundingTerms, by: User, at: datetime, second: User | None = None) -> FundingTerms:
    """Write a new version of the terms, unsaved so far and clean. It holds from its day on, offers made keep theirs.

    It always takes two: whatever else does has its amount from here. Raises NotAllowed, SettingRefused,
    SecondPersonNeeded.
    """
    roles.require(by, "financing.set_terms")
    if not terms._state.adding:
        raise SettingRefused("Terms are never changed: write a new version.")
    dual_control.require_another(by=by, second=second, why="New terms are approved by a second person.")
    with transaction.atomic():
        before = version_before(terms=terms)
        terms.set_by, terms.set_at = by, at
        terms.save()
        audit.record(
            event="terms.set",
            subject=terms,
            by=by,
            at=at,
            supplier_id=terms.supplier_id,
            reason=terms.reason,
            details={
                "from_version": before and before.pk,
                "changes": changes(before=before, after=terms),
                "second": second and second.pk,
            },
        )
        if terms.supplier is None:
            recalculation.ask_all()
        else:
            recalculation.ask(supplier_ids=[terms.supplier.pk])
        return terms


def version_before(*, terms: FundingTerms) -> FundingTerms | None:
    """The version that `terms`, not written yet, take over from on their first day: of their currency and supplier."""
    rows = FundingTerms.objects.filter(
        currency=terms.currency, supplier=terms.supplier, valid_from__lte=terms.valid_from
    )
    return rows.order_by("-valid_from", "-pk").first()


def changes(*, before: FundingTerms | None, after: FundingTerms) -> dict[str, list[str]]:
    """Every number that differs, as {name: [from, to]}; all of them where there was no version before."""
    found: dict[str, list[str]] = {}
    new = after.record()
    old: Mapping[str, Any] = (
        {} if before is None else {one.name: getattr(before.record(), one.name) for one in fields(Terms)}
    )
    for one in fields(Terms):
        if one.name not in ("version", "currency") and old.get(one.name) != getattr(new, one.name):
            found[one.name] = ["" if before is None else str(old[one.name]), str(getattr(new, one.name))]
    return found


def set_limit(
    *,
    amount: Decimal,
    currency: str,
    reason: str,
    by: User,
    at: datetime,
    debtor: Debtor | None = None,
    supplier: Supplier | None = None,
    second: User | None = None,
) -> Limit:
    """Set the limit of a buyer (`debtor`), of a supplier, or of both together. What is out already stays.

    A limit is raised to an amount from which a second person is needed only with one. Raises NotAllowed,
    SettingRefused, SecondPersonNeeded.
    """
    roles.require(by, "financing.set_limits")
    if debtor is None and supplier is None:
        raise SettingRefused("Say whose limit it is.")
    if amount < 0 or not reason.strip():
        raise SettingRefused("Enter an amount of zero or more, and say why.")
    with transaction.atomic():
        before = current_limit(debtor=debtor, supplier=supplier, currency=currency)
        if before is None or amount > before.amount:
            _two(by, second, amount, currency, supplier=supplier, at=at)
        limit = Limit.objects.create(
            debtor=debtor, supplier=supplier, currency=currency, amount=amount, reason=reason, set_by=by, set_at=at
        )
        audit.record(
            event="limit.set",
            subject=limit,
            by=by,
            at=at,
            supplier_id=supplier.pk if supplier else None,
            reason=reason,
            details={
                "debtor": debtor and debtor.pk,
                "currency": currency,
                "from": before and str(before.amount),
                "to": str(amount),
                "second": second and second.pk,
            },
        )
        concerned = [supplier.pk] if supplier is not None else suppliers_of(debtor)
        recalculation.ask(supplier_ids=concerned)
        return limit


def current_limit(*, debtor: Debtor | None, supplier: Supplier | None, currency: str) -> Limit | None:
    """The limit that staff set last for exactly these, if any."""
    return Limit.objects.filter(debtor=debtor, supplier=supplier, currency=currency).order_by("-set_at", "-pk").first()


def override(
    *,
    rule: str,
    reason: str,
    by: User,
    at: datetime,
    invoice: Invoice | None = None,
    buyer: Buyer | None = None,
    until: date | None = None,
    second: User | None = None,
) -> Override:
    """Let an invoice, or all invoices of a buyer of one supplier, pass a rule, until the day `until` if there is one.

    From the amount on that needs two people a second one is needed: what the invoice comes to, with what else was let
    pass of the supplier within a day by one person alone; of a buyer what it owes, or may owe within its limit.
    Raises NotAllowed, SettingRefused, SecondPersonNeeded.
    """
    roles.require(by, "financing.override_rules")
    subject = invoice if invoice is not None else buyer
    if subject is None or (invoice is not None and buyer is not None):
        raise SettingRefused("Choose an invoice or a buyer.")
    if rule not in OVERRIDABLE:
        raise SettingRefused("Nobody can let an invoice pass this rule.")
    if not reason.strip():
        raise SettingRefused("Say why.")
    with transaction.atomic():
        if buyer is not None:
            buyer = subject = top_of(buyer=buyer)
        locks.hold(supplier_id=subject.supplier_id)
        for currency, amount in _at_stake(invoice=invoice, buyer=buyer, at=at).items():
            _two(by, second, amount, currency, supplier=subject.supplier, at=at)
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
            approved_by=second,
        )
        audit.record(
            event="override.set",
            subject=made,
            by=by,
            at=at,
            supplier_id=made.supplier_id,
            reason=reason,
            details={"rule": rule, "of": subject._meta.label_lower, "id": subject.pk, "second": second and second.pk},
        )
        recalculation.ask(supplier_ids=[made.supplier_id])
        return made


def end_override(*, override: Override, by: User, at: datetime) -> Override:
    """The rule holds again."""
    roles.require(by, "financing.override_rules")
    with transaction.atomic():
        current = Override.objects.select_for_update(of=("self",)).get(pk=override.pk)
        if current.ended_at is not None:
            raise SettingRefused("It was ended already.")
        _end(current, by=by, at=at)
        recalculation.ask(supplier_ids=[current.supplier_id])
        return current


def suppliers_of(debtor: Debtor | None) -> list[int]:
    """Every supplier that has a buyer who is this debtor."""
    return sorted(set(Buyer.objects.filter(debtor=debtor).values_list("supplier_id", flat=True))) if debtor else []


def rule_choices() -> list[tuple[str, str]]:
    """Rules that staff may let an invoice pass, by their titles."""
    return [(rule.value, explanations.title_for_staff(rule.value)) for rule in Rule if rule in OVERRIDABLE]


def _end(override: Override, *, by: User, at: datetime) -> None:
    override.ended_by, override.ended_at = by, at
    override.save()
    audit.record(event="override.ended", subject=override, by=by, at=at, supplier_id=override.supplier_id)


def worth(*, invoice: Invoice | None, buyer: Buyer | None) -> dict[str, Decimal]:
    """What is open of the invoice, or of all invoices of the buyer, by currency."""
    if invoice is not None:
        return {invoice.currency: invoice.balance or Decimal(0)}
    rows = Invoice.objects.filter(buyer__in=_with_jobs(buyer), balance__gt=0).order_by()
    sums = rows.values_list("currency").annotate(sum=Sum("balance"))
    return {currency: amount for currency, amount in sums if amount is not None}


def _at_stake(*, invoice: Invoice | None, buyer: Buyer | None, at: datetime) -> dict[str, Decimal]:
    """What an override may let pass, by currency, as far as it counts for a second person."""
    found = worth(invoice=invoice, buyer=buyer)
    if invoice is not None:
        alone = Override.objects.filter(
            supplier=invoice.supplier, set_at__gt=at - dual_control.LATELY, approved_by__isnull=True
        )
        others = Invoice.objects.filter(pk__in=alone.values("invoice"), currency=invoice.currency).exclude(
            pk=invoice.pk
        )
        found[invoice.currency] += others.aggregate(sum=Sum("balance"))["sum"] or Decimal(0)
    if buyer is not None:
        in_force = terms_in_force.terms_in_force(supplier=buyer.supplier, on=today_of(supplier=buyer.supplier, at=at))
        for currency, terms in in_force.items():
            own = buyer.debtor and current_limit(debtor=buyer.debtor, supplier=buyer.supplier, currency=currency)
            found[currency] = max(found.get(currency, Decimal(0)), own.amount if own else terms.pair_limit)
    return found


def _with_jobs(buyer: Buyer | None) -> list[int]:
    """The keys of a top customer and of everything that rolls up to it."""
    if buyer is None:
        return []
    return [pk for pk, top in tops_of(supplier=buyer.supplier).items() if top == buyer.pk]


def _two(
    by: User, second: User | None, amount: Decimal, currency: str, *, supplier: Supplier | None, at: datetime
) -> None:
    """Raises SecondPersonNeeded by the terms of the currency in force, SettingRefused where there are none."""
    try:
        if supplier is None:
            terms = terms_in_force.house_terms(currency=currency, on=at.date())
        else:
            terms = terms_in_force.terms_for(
                supplier=supplier, currency=currency, on=today_of(supplier=supplier, at=at)
            )
    except terms_in_force.NoTerms as missing:
        raise SettingRefused(f"There are no terms for {currency or 'no currency'}: set them first.") from missing
    dual_control.require(by=by, second=second, amount=amount, terms=terms)
