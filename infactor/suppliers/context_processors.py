"""What the head of every page says about the supplier that its reader acts for."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, NotChosen, supplier_of, suppliers_of


def acting(request: HttpRequest) -> dict[str, Any]:
    """What is asked for only by a page that shows it.

    `may_switch`: whether there is another supplier to act for. `must_accept`: whether a newer agreement waits for it.
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
    except (NoSupplier, NotChosen):
        return False
