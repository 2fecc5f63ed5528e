"""Look up advances and suppliers by what people type: a number, an invoice number or a name."""

import re

from infactor.financing.models import Advance
from infactor.suppliers.models import Supplier

MAX_LISTED = 3


class NoSingleMatch(Exception):
    """Nothing, or more than one row, has this name. The message says which."""


def find_advance(*, name: str, supplier: str = "") -> Advance:
    """The advance with this number ("Advance 17", "A17"), or with this invoice number, of `supplier` if given.

    A cancelled advance is not found by its invoice number: the invoice may be financed again. Raises NoSingleMatch.
    """
    name = name.strip()
    known = Advance.objects.select_related("supplier", "invoice", "buyer", "terms")
    number = re.fullmatch(r"(?:A|advance\s*)#?(\d{1,18})", name, re.IGNORECASE)
    found = list(known.filter(pk=int(number[1]))) if number else []
    # "A17" may also be the number of an invoice; "Advance 17" is not.
    if not number or len(number[0]) - len(number[1]) < len("advance"):
        rows = known.filter(invoice__invoice_no=name).exclude(status=Advance.Status.CANCELLED)
        if supplier.strip():
            rows = rows.filter(supplier__name__iexact=supplier.strip())
        found += list(rows.exclude(pk__in=[one.pk for one in found]).order_by("pk")[: MAX_LISTED + 1])
    if not found:
        raise NoSingleMatch(f"There is no advance {name}. Write its number like A17, or the number of its invoice.")
    if len(found) > 1:
        which = ", ".join(f"Advance {one.pk} ({one.supplier}, invoice {one.invoice})" for one in found[:MAX_LISTED])
        raise NoSingleMatch(
            f"Several advances match {name}: {which}. Write the number of one, like Advance {found[0].pk}."
        )
    return found[0]


def find_supplier(*, name: str) -> Supplier:
    """The supplier of this name, ignoring case. Raises NoSingleMatch."""
    found = list(Supplier.objects.filter(name__iexact=name.strip()).order_by("pk")[:2])
    if not found:
        raise NoSingleMatch(f"There is no supplier called {name}.")
    if len(found) > 1:
        raise NoSingleMatch(f"Several suppliers are called {name}. Name one of their advances instead.")
    return found[0]
