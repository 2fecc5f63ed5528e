"""Limits and overrides in force: what staff decided about a supplier, its debtors and its invoices."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Q

from infactor.financing.eligibility.portfolio import DebtorAndCurrency, RuleAndId
from infactor.financing.models import Limit, Override
from infactor.suppliers.models import Supplier

LastDays = dict[RuleAndId, date | None]


def limits_of(
    *, supplier: Supplier, debtor_ids: Collection[int]
) -> tuple[dict[DebtorAndCurrency, Decimal], dict[DebtorAndCurrency, Decimal], dict[str, Decimal]]:
    """The limits in force of debtors, of debtors with this supplier, and of this supplier."""
    of_debtors: dict[DebtorAndCurrency, Decimal] = {}
    of_pairs: dict[DebtorAndCurrency, Decimal] = {}
    of_supplier: dict[str, Decimal] = {}
    rows = (
        Limit.objects.filter(
            Q(supplier=supplier, debtor=None) | (Q(supplier=supplier) | Q(supplier=None)) & Q(debtor__in=debtor_ids)
        )
        .order_by("debtor_id", "supplier_id", "currency", "-set_at", "-pk")
        .distinct("debtor_id", "supplier_id", "currency")
    )
    for limit in rows:
        if limit.debtor_id is None:
            of_supplier[limit.currency] = limit.amount
        elif limit.supplier_id is None:
            of_debtors[f"debtor:{limit.debtor_id}", limit.currency] = limit.amount
        else:
            of_pairs[f"debtor:{limit.debtor_id}", limit.currency] = limit.amount
    return of_debtors, of_pairs, of_supplier


def overrides_of(*, supplier: Supplier, as_of: date, roots: Mapping[int, int]) -> tuple[LastDays, LastDays]:
    """The last days of the overrides in force: by rule and invoice, and by rule and root customer."""
    rows = Override.objects.filter(Q(until=None) | Q(until__gte=as_of), supplier=supplier, ended_at=None).order_by()
    of_invoices: LastDays = {}
    of_buyers: LastDays = {}
    for override in rows:
        if override.invoice_id is not None:
            of_invoices[override.rule, override.invoice_id] = override.until
        if override.buyer_id is not None:
            of_buyers[override.rule, roots.get(override.buyer_id, override.buyer_id)] = override.until
    return of_invoices, of_buyers
