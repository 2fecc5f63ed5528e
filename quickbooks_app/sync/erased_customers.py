"""Leaves out the objects of customers that were erased on request, so that a reading does not bring them back."""

import msgspec

from infactor.invoices.models import Buyer
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.schemas import Ref
from quickbooks_app.models import Connection


class _Customer(msgspec.Struct):
    CustomerRef: Ref | None = None
    ParentRef: Ref | None = None


def without_erased_customers(
    *, connection: Connection, entity: str, latest: dict[str, FetchedObject]
) -> dict[str, FetchedObject]:
    """`latest` without the erased customers of these books, their sub-customers and their documents."""
    buyers = Buyer.objects.filter(company_file=connection.company_file_id, is_erased=True)
    erased = set(buyers.values_list("reference", flat=True))
    return {
        qbk_id: item
        for qbk_id, item in latest.items()
        if not (entity == "Customer" and qbk_id in erased) and not _references(item) & erased
    }


def _references(item: FetchedObject) -> set[str]:
    try:
        found = msgspec.json.decode(item.raw, type=_Customer)
    except msgspec.DecodeError:
        return set()
    return {ref.value for ref in (found.CustomerRef, found.ParentRef) if ref is not None and ref.value}
