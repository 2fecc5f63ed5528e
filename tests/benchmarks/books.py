"""Generated invoices and customers in QuickBooks' format: about 3.4 KB of JSON and four lines per invoice."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

BEGAN = datetime(2024, 1, 2, 8, 0, tzinfo=UTC)
PACIFIC = timezone(timedelta(hours=-8))  # QuickBooks writes times in its own zone
STEP = timedelta(seconds=90)  # between one invoice and the next
CUSTOMERS = 200

STREETS = ("Harbor", "Mission", "Alder", "Granite", "Juniper", "Sycamore", "Lakeview", "Foundry", "Orchard", "Canal")
TOWNS = (
    ("Bayshore", "CA", "94326"),
    ("Fairbanks", "OR", "97203"),
    ("Millbrook", "WA", "98101"),
    ("Elko", "NV", "89801"),
)
TRADES = (
    "Roasters",
    "Logistics",
    "Print Works",
    "Hardware",
    "Textiles",
    "Catering",
    "Optics",
    "Landscaping",
    "Freight",
)
GOODS = (
    "Single origin beans, roasted on the day of dispatch, packed in valve bags of one kilogram",
    "Calibration visit with written protocol, travel within the county included",
    "Galvanised brackets, drilled and deburred, as drawn in the attached sheet",
    "Delivery and installation on the second floor, packaging taken back",
    "Monthly maintenance of the irrigation system, spare parts charged apart",
    "Offset printing, four colours on both sides, trimmed and folded, two proofs",
)


def customer(number: int) -> dict[str, Any]:
    """The customer with the id `number`."""
    draw = random.Random(f"customer {number}")
    name = f"{draw.choice(STREETS)} {draw.choice(TRADES)} {number}"
    return {
        "Taxable": True, "Job": False, "BillWithParent": False, "Balance": draw.randrange(0, 900000) / 100,
        "BalanceWithJobs": 0, "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "PreferredDeliveryMethod": "Email", "IsProject": False, "domain": "QBO", "sparse": False, "Id": str(number),
        "SyncToken": "0", "MetaData": _stamps(BEGAN + number * STEP, BEGAN + number * STEP), "GivenName": "Robin",
        "FamilyName": draw.choice(STREETS), "FullyQualifiedName": name, "CompanyName": name, "DisplayName": name,
        "PrintOnCheckName": name, "Active": True, "PrimaryPhone": {"FreeFormNumber": "(555) 010-0199"},
        "PrimaryEmailAddr": {"Address": f"payables{number}@buyer{number}.example"}, "BillAddr": _address(draw, number),
    }  # fmt: skip


def invoice(number: int, *, version: int = 0, updated: datetime | None = None) -> dict[str, Any]:
    """The invoice with the id `number`. A later `version` has another amount and a later update time."""
    draw = random.Random(f"invoice {number} {version}")
    created = created_at(number)
    buyer = customer(number % CUSTOMERS + 1)
    lines = [_line(draw, place) for place in (1, 2, 3)]
    net = round(sum(line["Amount"] for line in lines), 2)
    tax = round(net * 0.08, 2)
    address = _address(draw, number)
    lines.append({"Amount": net, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    return {
        "AllowIPNPayment": False, "AllowOnlinePayment": False, "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False, "domain": "QBO", "sparse": False, "Id": str(number),
        "SyncToken": str(version), "MetaData": _stamps(created, updated or created),
        "CustomField": [
            {"DefinitionId": str(place), "Name": name, "Type": "StringType", "StringValue": f"{draw.randrange(10**8)}"}
            for place, name in enumerate(("Purchase order", "Cost centre", "Delivery note"), 1)
        ],
        "DocNumber": f"INV-{100000 + number}", "TxnDate": f"{created:%Y-%m-%d}",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "PrivateNote": f"Agreed by telephone, see ticket {draw.randrange(10**6)}.",
        "LinkedTxn": [{"TxnId": str(draw.randrange(10**6)), "TxnType": "Payment"}] if number % 3 == 0 else [],
        "Line": lines,
        "TxnTaxDetail": {
            "TxnTaxCodeRef": {"value": "2"}, "TotalTax": tax,
            "TaxLine": [{"Amount": tax, "DetailType": "TaxLineDetail", "TaxLineDetail": {
                "TaxRateRef": {"value": "3"}, "PercentBased": True, "TaxPercent": 8, "NetAmountTaxable": net}}],
        },
        "CustomerRef": {"value": buyer["Id"], "name": buyer["DisplayName"]},
        "CustomerMemo": {"value": "Thank you for your order. Please quote the invoice number with your payment; "
                                  "title passes on receipt of the full amount, as our terms of sale say."},
        "BillAddr": address, "ShipAddr": address, "ShipFromAddr": {"Id": "1", "Line1": "8100 Quay Road"},
        "FreeFormAddress": False, "ShipDate": f"{created:%Y-%m-%d}", "TrackingNum": f"1Z{draw.randrange(10**14)}",
        "SalesTermRef": {"value": "3", "name": "Net 30"}, "DueDate": f"{created + timedelta(days=30):%Y-%m-%d}",
        "TotalAmt": round(net + tax, 2), "ApplyTaxAfterDiscount": False, "PrintStatus": "NeedToPrint",
        "EmailStatus": "EmailSent", "BillEmail": {"Address": f"ap@buyer{buyer['Id']}.example"},
        "Balance": 0 if number % 3 == 0 else round(net + tax, 2),
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": created.isoformat()},
    }  # fmt: skip


def created_at(number: int) -> datetime:
    """When the invoice `number` was created."""
    return BEGAN + number * STEP


def written(document: dict[str, Any]) -> bytes:
    """`document` as bytes, as it is sent."""
    return json.dumps(document, separators=(",", ":")).encode()


def invoices(count: int) -> Iterator[bytes]:
    """The first `count` invoices."""
    return (written(invoice(number)) for number in range(1, count + 1))


def _line(draw: random.Random, place: int) -> dict[str, Any]:
    price, quantity = draw.randrange(500, 90000) / 100, draw.randrange(1, 60)
    return {
        "Id": str(place), "LineNum": place, "Description": f"{draw.choice(GOODS)}, lot {draw.randrange(10**6)}",
        "Amount": round(price * quantity, 2), "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ServiceDate": "2024-01-15", "ItemRef": {"value": str(draw.randrange(1, 80)), "name": draw.choice(TRADES)},
            "UnitPrice": price, "Qty": quantity, "ItemAccountRef": {"value": "79", "name": "Sales of Product Income"},
            "TaxCodeRef": {"value": "TAX"}, "ClassRef": {"value": "200900000000123", "name": "Wholesale"},
        },
    }  # fmt: skip


def _address(draw: random.Random, number: int) -> dict[str, str]:
    town, state, code = draw.choice(TOWNS)
    return {
        "Id": str(number), "Line1": f"{draw.randrange(1, 9999)} {draw.choice(STREETS)} Street",
        "Line2": "Loading bay B", "City": town, "CountrySubDivisionCode": state, "PostalCode": code, "Country": "USA",
        "Lat": f"{draw.uniform(30, 48):.7f}", "Long": f"-{draw.uniform(110, 124):.7f}",
    }  # fmt: skip


def _stamps(created: datetime, updated: datetime) -> dict[str, str]:
    return {name: moment.astimezone(PACIFIC).isoformat(timespec="seconds")
            for name, moment in (("CreateTime", created), ("LastUpdatedTime", updated))}  # fmt: skip
