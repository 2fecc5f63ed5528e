# What is read of a customer has grown by its address and its tax number. A customer that did not change is passed over
# by its digest, so those that are stored get both from the bytes that are kept: once, here, and whatever
# mapping.py may read by then.

import json

from django.db import migrations
from django.db.models import F

AT_ONCE = 1000
LINES = (
    *(f"Line{number}" for number in range(1, 6)),
    "City",
    "CountrySubDivisionCode",
    "PostalCode",
    "Country",
)
TAX_IDS = ("GSTIN", "BusinessNumber", "PrimaryTaxIdentifier", "ResaleNum")


def _text(value, longest):
    """Text that the database can hold; anything else is read again when the customer changes."""
    return value.strip()[:longest] if isinstance(value, str) and value.isprintable() else ""


def _facts(payload):
    try:
        customer = json.loads(bytes(payload))
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(customer, dict):
        return "", ""
    address = customer.get("BillAddr")
    lines = [_text(address.get(name), 1000) for name in LINES] if isinstance(address, dict) else []
    tax_id = next((value for name in TAX_IDS if (value := _text(customer.get(name), 64))), "")
    return ", ".join(line for line in lines if line)[:1000], tax_id


def fill(apps, schema_editor):
    Document, Buyer, CompanyFile = (
        apps.get_model("quickbooks_app", "Document"),
        apps.get_model("invoices", "Buyer"),
        apps.get_model("invoices", "CompanyFile"),
    )
    stored = Document.objects.filter(entity="Customer", deleted_at__isnull=True).order_by("pk")
    last, files = 0, set()
    while some := list(
        stored.filter(pk__gt=last).values_list("pk", "connection__company_file_id", "qbk_id", "payload")[:AT_ONCE]
    ):
        last = some[-1][0]
        found = {(file, qbk_id): _facts(payload) for _, file, qbk_id, payload in some}
        buyers = [
            buyer
            for buyer in Buyer.objects.filter(
                company_file__in={file for file, _ in found}, reference__in={qbk_id for _, qbk_id in found}
            )
            if any(found.get((buyer.company_file_id, buyer.reference), ()))
        ]
        for buyer in buyers:
            buyer.address, buyer.tax_id = found[buyer.company_file_id, buyer.reference]
            files.add(buyer.company_file_id)
        Buyer.objects.bulk_update(buyers, ["address", "tax_id"], batch_size=AT_ONCE)
    CompanyFile.objects.filter(pk__in=files).update(revision=F("revision") + 1)


class Migration(migrations.Migration):

    dependencies = [
        ("invoices", "0006_addresses_and_tax_numbers"),
        ("quickbooks_app", "0006_circuit_since"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
