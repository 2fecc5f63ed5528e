"""Requests for recalculation: something changed that the eligibility of a supplier's invoices depends on."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F

from infactor.financing import locks
from infactor.financing.models import EligibilityRecalculation
from infactor.invoices.models import Buyer, CompanyFile, Invoice


def request_recalculation(*, supplier_ids: Iterable[int]) -> None:
    """Request a recalculation of these suppliers, in the caller's transaction and after its other locks.

    Rows are locked in the order of their keys.
    """
    keys = sorted(set(supplier_ids))
    if not keys:
        return
    EligibilityRecalculation.objects.bulk_create(
        (EligibilityRecalculation(supplier_id=key, requested_version=0) for key in keys), ignore_conflicts=True
    )
    rows = EligibilityRecalculation.objects.filter(pk__in=keys)
    with transaction.atomic():
        list(rows.select_for_update(no_key=True).order_by("pk").only("pk"))
        rows.update(requested_version=F("requested_version") + 1)


def request_recalculation_for_invoices(*, invoice_ids: Collection[int]) -> None:
    """Request a recalculation of every supplier that a change of these invoices concerns.

    These are their own suppliers, and the suppliers of the same debtors, with whom they share a debtor's limit. In the
    caller's transaction, after its other locks.
    """
    debtor_ids = locks.debtor_ids_of_invoices(invoice_ids=invoice_ids)
    own = Invoice.objects.filter(pk__in=list(invoice_ids)).order_by().values_list("supplier_id", flat=True)
    sharing = Buyer.objects.filter(debtor__in=debtor_ids).order_by().values_list("supplier_id", flat=True)
    request_recalculation(supplier_ids={*own.distinct(), *sharing.distinct()})


def request_recalculation_for_all() -> None:
    """Request a recalculation of every supplier with books: the default terms changed."""
    request_recalculation(supplier_ids=CompanyFile.objects.order_by().values_list("supplier_id", flat=True).distinct())


def on_supplier_changed(*, supplier_ids: Collection[int] | None) -> None:
    """Request a recalculation of these suppliers (None: of all), whose application or agreement changed."""
    if supplier_ids is None:
        request_recalculation_for_all()
    else:
        request_recalculation(supplier_ids=supplier_ids)
