"""Maps stored or read objects of one company to records, by the mapping table and what staff changed in it."""

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import partial

import msgspec

from infactor.invoices.ingest import upserts
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.schemas import Ref
from quickbooks_app.mapping import invoices as invoice_mapping
from quickbooks_app.mapping import payments as payment_mapping
from quickbooks_app.mapping.customers import map_customer
from quickbooks_app.mapping.further import FURTHER, map_further
from quickbooks_app.mapping.invoices import MappedRecord
from quickbooks_app.mapping.versions import current_overrides
from quickbooks_app.models import Connection
from quickbooks_app.objects.table import IMPORTED


class _CustomerRefOnly(msgspec.Struct, gc=False):
    CustomerRef: Ref | None = None


def map_objects(
    *, connection: Connection, entity: str, changed: Mapping[str, FetchedObject]
) -> tuple[list[MappedRecord], dict[str, list[Issue]]]:
    """All objects as records, and the issues of each object by id; the list is empty if there are none."""
    issues: dict[str, list[Issue]] = {}
    mapped: list[MappedRecord] = []
    if entity not in IMPORTED and entity not in FURTHER:
        return mapped, {qbk_id: [] for qbk_id in changed}
    home = connection.company_file.home_currency
    if entity == "Invoice":
        map_invoice = _invoice_mapper(connection=connection, changed=changed)
    for qbk_id, item in changed.items():
        match entity:
            case "Customer":
                one = map_customer(item.raw, home_currency=home)
            case "Invoice":
                one = map_invoice(item.raw)
            case "Payment":
                one = payment_mapping.map_payment(item.raw, home_currency=home)
            case "CreditMemo":
                one = payment_mapping.map_credit_memo(item.raw, home_currency=home)
            case _:
                one = map_further(item.raw, entity=entity, home_currency=home)
        mapped.append(one)
        issues[qbk_id] = one.issues
    return mapped, issues


def _invoice_mapper(*, connection: Connection, changed: Mapping[str, FetchedObject]) -> Callable[[bytes], MappedRecord]:
    """Maps invoices by the table and by what staff have changed in it for this company."""
    overrides = current_overrides(connection)
    return partial(
        invoice_mapping.map_invoice,
        customer_emails=_customer_emails(connection=connection, changed=changed),
        home_currency=connection.company_file.home_currency,
        overrides=overrides,
        time_zone=connection.supplier.zone if overrides else UTC,
    )


def _customer_emails(*, connection: Connection, changed: Mapping[str, FetchedObject]) -> Mapping[str, str]:
    references = set()
    for item in changed.values():
        try:
            customer = msgspec.json.decode(item.raw, type=_CustomerRefOnly).CustomerRef
        except msgspec.DecodeError:
            continue
        if customer is not None and customer.value:
            references.add(customer.value)
    return upserts.emails_by_reference(company_file=connection.company_file, references=sorted(references))
