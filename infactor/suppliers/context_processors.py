"""Template variables about the supplier that the reader acts for."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, SupplierNotChosen, supplier_of, suppliers_of
from infactor.suppliers.models import Membership


def current_supplier(request: HttpRequest) -> dict[str, Any]:
    """Lazy values, evaluated only if the page uses them.

    `company_name`: that of the supplier, or "" if the user acts for none. `may_switch`: whether the user acts for
    another supplier, too. `must_accept`: whether the supplier has to accept a newer version of the agreement.
    `may_act`: whether the user's role is more than read-only. `member_role`: the role. `unread_notifications`: how many
    the user has not read, `unread_messages` the same of messages of staff. All come with the query for the user's
    suppliers.
    """
    return {
        "company_name": SimpleLazyObject(lambda: _company_name(request)),
        "may_switch": SimpleLazyObject(lambda: _may_switch(request)),
        "must_accept": SimpleLazyObject(lambda: _must_accept(request)),
        "may_act": SimpleLazyObject(lambda: _of_supplier(request, "role", "") not in ("", Membership.Role.READER)),
        "member_role": SimpleLazyObject(lambda: str(_of_supplier(request, "role", ""))),
        "unread_notifications": SimpleLazyObject(lambda: int(_of_supplier(request, "unread_notifications", 0))),
        "unread_messages": SimpleLazyObject(lambda: int(_of_supplier(request, "unread_messages", 0))),
    }


def _company_name(request: HttpRequest) -> str:
    try:
        return supplier_of(request).name
    except (NoSupplier, SupplierNotChosen):
        return ""


def _may_switch(request: HttpRequest) -> bool:
    try:
        return len(suppliers_of(request)) > 1
    except NoSupplier:
        return False


def _must_accept(request: HttpRequest) -> bool:
    return bool(_of_supplier(request, "must_accept", False))


def _of_supplier(request: HttpRequest, name: str, otherwise: Any) -> Any:
    """What the query for the user's suppliers found out about the current one; `otherwise` without one."""
    try:
        return getattr(supplier_of(request), name)
    except (NoSupplier, SupplierNotChosen):
        return otherwise
