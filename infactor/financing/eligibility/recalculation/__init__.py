"""Stored eligibility, kept up to date with the books, the terms, what is financed, and the day.

`requests` notes that a supplier is out of date, and `due` finds the suppliers to recalculate. `recalculate` evaluates
all invoices of one of them, `narrow` only those that named changes of the books can touch, and `storage` writes what
has changed.
"""

from infactor.financing.eligibility.recalculation.due import suppliers_due
from infactor.financing.eligibility.recalculation.narrow import recalculate_changes
from infactor.financing.eligibility.recalculation.progress import RecalculationResult
from infactor.financing.eligibility.recalculation.recalculate import recalculate
from infactor.financing.eligibility.recalculation.requests import (
    on_supplier_changed,
    request_recalculation,
    request_recalculation_for_all,
    request_recalculation_for_invoices,
)

__all__ = [
    "RecalculationResult",
    "on_supplier_changed",
    "recalculate",
    "recalculate_changes",
    "request_recalculation",
    "request_recalculation_for_all",
    "request_recalculation_for_invoices",
    "suppliers_due",
]
