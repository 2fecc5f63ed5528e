"""What the head of every page says about the supplier that its reader acts for."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, suppliers_of


def acting(request: HttpRequest) -> dict[str, Any]:
    """`may_switch`: whether there is another supplier to act for; asked for only by a page that shows it."""
    return {"may_switch": SimpleLazyObject(lambda: _may_switch(request))}


def _may_switch(request: HttpRequest) -> bool:
    try:
        return len(suppliers_of(request)) > 1
    except NoSupplier:
        return False
