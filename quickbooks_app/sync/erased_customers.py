"""Leaves out the objects of customers that were erased on request, so that a reading does not bring them back."""

from infactor.invoices.models import Buyer
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.documents.customers import customers_in
from quickbooks_app.models import Connection


def without_erased_customers(
    *, connection: Connection, entity: str, latest: dict[str, FetchedObject]
) -> dict[str, FetchedObject]:
    """`latest` without the erased customers of these books, their sub-customers and what names them."""
    buyers = Buyer.objects.filter(company_file=connection.company_file_id, is_erased=True)
    erased = set(buyers.values_list("reference", flat=True))
    return {
        qbk_id: item
        for qbk_id, item in latest.items()
        if not (entity == "Customer" and qbk_id in erased) and not customers_in(item.raw, entity=entity) & erased
    }
