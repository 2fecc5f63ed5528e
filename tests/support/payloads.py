"""QuickBooks payloads, byte for byte: invoices, customers, pages, faults and tokens."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.keyset_pagination import Cursor, FetchedObject, KeysetQuery
from quickbooks_app.api.query_response import parse_query_response

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Written:
    """JSON exactly as written here, for values that Python cannot represent."""

    text: str


def encode(value: dict[str, Any]) -> bytes:
    """A payload as bytes, with amounts digit for digit and `Written` values unchanged."""

    def plain(member: Any) -> Any:
        if isinstance(member, Written):
            return msgspec.Raw(member.text.encode("utf-8", "surrogatepass"))
        if isinstance(member, dict):
            return {name: plain(one) for name, one in member.items()}
        return [plain(one) for one in member] if isinstance(member, list) else member

    return ENCODER.encode(plain(value))


def invoice(qbk_id: str = "130", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """An invoice with every field, as QuickBooks sends it; `changes` replace fields, `without` drops some."""
    value = {
        "AllowIPNPayment": False,
        "AllowOnlineACHPayment": True,
        "InvoiceLink": "https://connect.example/t/abc?locale=en_US",
        "domain": "QBO",
        "sparse": False,
        "Id": qbk_id,
        "SyncToken": "3",
        "MetaData": {
            "CreateTime": "2026-04-08T13:15:36-07:00",
            "LastModifiedByRef": {"value": "9341457021722234"},
            "LastUpdatedTime": "2026-05-05T02:06:31-07:00",
        },
        "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType", "StringValue": "102"}],
        "DocNumber": "1037",
        "TxnDate": "2026-04-08",
        "DepartmentRef": {"value": "1", "name": "North"},
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "ExchangeRate": Decimal("1.08"),
        "PrivateNote": "Front yard",
        "LinkedTxn": [{"TxnId": "48", "TxnType": "Estimate"}, {"TxnId": "190", "TxnType": "Payment"}],
        "Line": [
            sales_line(),
            {
                "Id": "2",
                "LineNum": 2,
                "Description": "Garden bundle",
                "Amount": 0,
                "DetailType": "GroupLineDetail",
                "GroupLineDetail": {
                    "GroupItemRef": {"value": "24", "name": "Garden bundle"},
                    "Quantity": 2,
                    "Line": [{"Id": "3", "Description": "Rocks", "Amount": Decimal("200.00")}],
                },
            },
            {"Id": "4", "LineNum": 4, "Description": "Thank you", "DetailType": "DescriptionOnly"},
            {"Amount": Decimal("500.00"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
            {"Amount": Decimal("50.00"), "DetailType": "DiscountLineDetail"},
        ],
        "TxnTaxDetail": {
            "TxnTaxCodeRef": {"value": "2"},
            "TotalTax": Decimal("36.00"),
            "TaxLine": [{"Amount": Decimal("36.00"), "DetailType": "TaxLineDetail"}],
        },
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "CustomerMemo": {"value": "Thank you for your business!"},
        "SalesTermRef": {"value": "3", "name": "Net 30"},
        "DueDate": "2026-05-08",
        "TotalAmt": Decimal("486.00"),
        "EmailStatus": "EmailSent",
        "BillEmail": {"Address": "store@example.com"},
        "Balance": Decimal("386.00"),
        "HomeBalance": Decimal("416.88"),
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})


def sales_line(amount: Any = Decimal("300.00"), description: str = "Custom Design") -> dict[str, Any]:
    """One line of an invoice, as QuickBooks sends it."""
    return {
        "Id": "1",
        "LineNum": 1,
        "Description": description,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "4", "name": "Design"}, "UnitPrice": 75, "Qty": 4},
    }


def customer(qbk_id: str = "24", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """A customer with every field that infactor reads."""
    value = {
        "Id": qbk_id,
        "SyncToken": "0",
        "MetaData": {"CreateTime": "2026-03-31T17:00:01-07:00", "LastUpdatedTime": "2026-04-08T13:15:36-07:00"},
        "GivenName": "Russ",
        "FamilyName": "Sonnenschein",
        "DisplayName": "Sonnenschein Family Store",
        "FullyQualifiedName": "Sonnenschein Family Store",
        "CompanyName": "Sonnenschein GmbH",
        "Active": True,
        "Job": False,
        "Balance": Decimal("386.00"),
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "PrimaryPhone": {"FreeFormNumber": "(650) 557-8463"},
        "PrimaryEmailAddr": {"Address": "russ@sonnenschein.example"},
        "BillAddr": {
            "Id": "25",
            "Line1": "5647 Cypress Hill Ave.",
            "Line2": " ",
            "City": "Middlefield",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "94303",
        },
        "PrimaryTaxIdentifier": "XXXXXX56789",
        "ResaleNum": "SR 55-1",
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})


def stamps(created: datetime, updated: datetime | None = None) -> dict[str, str]:
    """MetaData in QuickBooks' format, to the second."""
    return {
        "CreateTime": created.isoformat(timespec="seconds"),
        "LastUpdatedTime": (updated or created).isoformat(timespec="seconds"),
    }


def answer(entity: str, objects: list[bytes], *, time: datetime | None = NOON) -> bytes:
    """A query response with these `objects`."""
    inner = b'"%s":[%s],"startPosition":1,"maxResults":%d' % (entity.encode(), b",".join(objects), len(objects))
    clock = b',"time":"%s"' % time.isoformat(timespec="milliseconds").encode() if time else b""
    return b'{"QueryResponse":{%s}%s}' % (inner if objects else b"", clock)


def fetched(entity: str, *objects: bytes) -> list[FetchedObject]:
    """Objects as a page's reader returns them."""
    page = parse_query_response(answer(entity, list(objects)), entity=entity)
    client = SimpleNamespace(query=lambda **asked: page)
    return list(KeysetQuery(entity).fetch_page(cast("QuickBooksClient", client), Cursor()).objects)


def fault(code: str, *, kind: str = "ValidationFault") -> bytes:
    """A business fault, with a detail that must never be repeated."""
    error = {"Message": "message", "Detail": "Token expired: eyJ-canary-detail", "code": code}
    return json.dumps({"Fault": {"Error": [error], "type": kind}}).encode()


def gateway_fault(code: str) -> bytes:
    """A fault of the gateway, whose keys are in lower case."""
    error = {"message": "errorCode", "detail": "Token expired: eyJ-canary-detail", "code": code, "element": None}
    return json.dumps({"warnings": None, "fault": {"error": [error], "type": "SERVICE"}, "time": 1}).encode()


def token_answer(number: int, **changes: Any) -> dict[str, Any]:
    """A response of the token endpoint."""
    return {
        "token_type": "bearer",
        "access_token": f"eyJ-access-{number}",
        "expires_in": 3600,
        "refresh_token": f"RT1-refresh-{number}",
        "x_refresh_token_expires_in": 8726400,
        "x_refresh_token_hard_expires_in": 157494248,
        **changes,
    }


def payment(qbk_id: str = "31", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """A payment with every field that infactor reads, and some others."""
    value = {
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "DepositToAccountRef": {"value": "4"},
        "PaymentRefNum": "6552",
        "TotalAmt": Decimal("108.00"),
        "UnappliedAmt": 0,
        "ProcessPayment": False,
        "Id": qbk_id,
        "SyncToken": "1",
        "MetaData": {"CreateTime": "2026-04-08T13:15:36-07:00", "LastUpdatedTime": "2026-05-05T02:06:31-07:00"},
        "TxnDate": "2026-04-06",
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "LinkedTxn": [{"TxnId": "102", "TxnType": "Deposit"}],
        "Line": [
            {
                "Amount": Decimal("108.00"),
                "LinkedTxn": [{"TxnId": "130", "TxnType": "Invoice"}],
                "LineEx": {"any": [{"value": {"Name": "txnId", "Value": "130"}, "nil": False}]},
            }
        ],
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})


def credit_memo(qbk_id: str = "73", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """A credit memo with every field that infactor reads."""
    value = {
        "Id": qbk_id,
        "SyncToken": "0",
        "MetaData": {"CreateTime": "2026-04-07T13:15:36-07:00", "LastUpdatedTime": "2026-04-07T13:15:36-07:00"},
        "DocNumber": "1026",
        "TxnDate": "2026-04-07",
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "Line": [sales_line(Decimal("100.00"))],
        "TotalAmt": Decimal("100.00"),
        "Balance": Decimal("60.00"),
        "RemainingCredit": Decimal("60.00"),
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})
