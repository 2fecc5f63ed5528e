"""Template variables about the supplier that the reader acts for."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, SupplierNotChosen, supplier_of, suppliers_of


def current_supplier(request: HttpRequest) -> dict[str, Any]:
    """Lazy values, evaluated only if the page uses them.

    `may_switch`: whether the user acts for another supplier, too. `must_accept`: whether the supplier has to accept a
    newer version of the agreement.
    """
    return {
        "may_switch": SimpleLazyObject(lambda: _may_switch(request)),
        "must_accept": SimpleLazyObject(lambda: _must_accept(request)),
    }


def _may_switch(request: HttpRequest) -> bool:
    try:
        return len(suppliers_of(request)) > 1
    except NoSupplier:
        return False


def _must_accept(request: HttpRequest) -> bool:
    try:
        return bool(supplier_of(request).must_accept)  # type: ignore[attr-defined]
    except (NoSupplier, SupplierNotChosen):
        return False
