"""Maps QuickBooks customers to buyers. Pure: a payload goes in, a record and its issues come out."""

import msgspec

from infactor.invoices.ingest.records import BuyerRecord
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import Address, CustomerPayload, ObjectMetaData, Ref
from quickbooks_app.mapping.invoices import MappedRecord


def map_customer(raw: bytes, *, home_currency: str) -> MappedRecord:
    """A QuickBooks Customer as a buyer record, without a currency in `home_currency`.

    Raises msgspec.DecodeError if it has no usable Id.
    """
    issues: list[Issue] = []
    customer = field_parsing.decode(raw, CustomerPayload, issues=issues)

    def text(value: str | None, field: str, max_length: int = 500) -> str:
        return field_parsing.text(value, field=field, max_length=max_length, issues=issues)

    given_names = (customer.GivenName, customer.MiddleName, customer.FamilyName)
    metadata = customer.MetaData or ObjectMetaData()
    balance = (
        field_parsing.amount(customer.Balance, field="Balance", issues=issues, signed=True)
        if bytes(customer.Balance) not in (b"", b"null")
        else None
    )
    record = BuyerRecord(
        reference=customer.Id,
        name=text(customer.DisplayName, "DisplayName"),
        full_name=text(customer.FullyQualifiedName, "FullyQualifiedName", 2500),
        company_name=text(customer.CompanyName, "CompanyName"),
        contact_name=text(" ".join(name for name in given_names if name), "GivenName"),
        email=text(customer.PrimaryEmailAddr.Address if customer.PrimaryEmailAddr else "", "PrimaryEmailAddr"),
        phone=text(customer.PrimaryPhone.FreeFormNumber if customer.PrimaryPhone else "", "PrimaryPhone", 100),
        address=text(single_line_address(customer.BillAddr), "BillAddr", 1000),
        tax_id=text(_tax_id(customer), "PrimaryTaxIdentifier", 64),
        is_active=customer.Active is not False,
        is_job=bool(customer.Job),
        parent_reference=text(customer.ParentRef.value if customer.ParentRef else "", "ParentRef", 64),
        balance=balance,
        currency=text((customer.CurrencyRef or Ref()).value, "CurrencyRef", 3).upper() or home_currency,
        sync_token=text(customer.SyncToken, "SyncToken", 20),
        books_updated_at=field_parsing.valid_timestamp(
            metadata.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=issues
        ),
    )
    return MappedRecord(record, list(dict.fromkeys(issues)))


def single_line_address(address: Address | None) -> str:
    """The parts of an address that are filled in, with commas between them."""
    parts = msgspec.structs.astuple(address) if address else ()
    return ", ".join(part.strip() for part in parts if part and part.strip())


def _tax_id(customer: CustomerPayload) -> str | None:
    """The best available tax number: QuickBooks masks the third, and the last is a resale licence."""
    return customer.GSTIN or customer.BusinessNumber or customer.PrimaryTaxIdentifier or customer.ResaleNum
