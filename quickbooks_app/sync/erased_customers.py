"""Leaves out the objects of customers that were erased on request, so that a reading does not bring them back."""

from infactor.invoices.models import Buyer, Invoice, Vendor
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.documents.customers import attached_to, customers_in, vendors_in
from quickbooks_app.models import Connection


def without_erased_customers(
    *, connection: Connection, entity: str, latest: dict[str, FetchedObject]
) -> dict[str, FetchedObject]:
    """`latest` without the erased customers of these books, their sub-customers, the vendors that they are, what names
    them, and files that are attached to nothing else.
    """
    file = connection.company_file_id
    buyers = Buyer.objects.filter(company_file=file, is_erased=True)
    customers = set(buyers.values_list("reference", flat=True))
    vendors = set(Vendor.objects.filter(company_file=file, is_erased=True).values_list("reference", flat=True))
    if entity == "Attachable":
        invoices = Invoice.objects.filter(buyer__in=buyers, company_file=file)
        gone = {("Invoice", one) for one in invoices.values_list("qbk_invoice_id", flat=True)}
        gone |= {("Customer", one) for one in customers}
        return {qbk_id: item for qbk_id, item in latest.items() if not _is_only_of(item.raw, gone)}

    def names_erased(qbk_id: str, raw: bytes) -> bool:
        itself = {"Customer": customers, "Vendor": vendors}.get(entity, set())
        return bool(
            qbk_id in itself
            or customers_in(raw, entity=entity) & customers
            or (vendors and vendors_in(raw, entity=entity) & vendors)
        )

    return {qbk_id: item for qbk_id, item in latest.items() if not names_erased(qbk_id, item.raw)}


def _is_only_of(raw: bytes, gone: set[tuple[str, str]]) -> bool:
    links = attached_to(raw)
    return bool(links) and links <= gone
