"""The table of QuickBooks entities: names, supported operations and queryable fields.

A further QuickBooks object is a further row here; query, read and change data capture need no new code.
"""

from dataclasses import dataclass
from typing import Literal

from quickbooks_app.sandbox.runtime.properties import PROPERTIES

FieldType = Literal["id", "text", "email", "ref", "number", "date", "moment", "boolean"]
Kind = Literal["transaction", "name list", "record", "single"]


@dataclass(frozen=True, slots=True)
class Field:
    """One queryable field."""

    name: str
    type: FieldType
    filterable: bool = True
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One QuickBooks entity."""

    name: str
    kind: Kind
    operations: str  # C create, R read, U update, D delete, S inactivate, V void, E send and PDF, Q query
    fields: dict[str, Field]
    counted: bool = False  # a plain SELECT answers with totalCount
    url: str = ""
    key: str = ""
    properties: frozenset[str] = frozenset()

    def can(self, operation: str) -> bool:
        return operation in self.operations

    def field(self, path: str) -> Field | None:
        return self.fields.get(path.lower())

    def knows(self, path: str) -> bool:
        """Return whether the entity has this property, queryable or not."""
        return path.lower() in {name.lower() for name in self.properties}


_TYPES: dict[str, FieldType] = {
    "id": "id",
    "text": "text",
    "email": "email",
    "ref": "ref",
    "number": "number",
    "date": "date",
    "moment": "moment",
    "boolean": "boolean",
}
_COMMON = "Id:id MetaData.CreateTime:moment+ MetaData.LastUpdatedTime:moment+"


def _fields(text: str) -> dict[str, Field]:
    """Parse field definitions: `Name:type` is filterable, `Name:type+` also sortable, `Name:type^` only sortable."""
    result: dict[str, Field] = {}
    for word in f"{_COMMON} {text}".split():
        name, _, kind = word.partition(":")
        result[name.lower()] = Field(
            name=name,
            type=_TYPES[kind.rstrip("+^")],
            filterable=not kind.endswith("^"),
            sortable=kind.endswith(("+", "^")),
        )
    return result


def _entity(name: str, kind: Kind, operations: str, fields: str, *, counted: bool = False) -> Entity:
    return Entity(
        name=name,
        kind=kind,
        operations=operations,
        fields=_fields(fields),
        counted=counted,
        url=name.lower(),
        key=name,
        properties=PROPERTIES.get(name, frozenset()),
    )


_ROWS = (
    _entity(
        "Invoice",
        "transaction",
        "CRUDVEQ",
        "CustomerRef:ref DocNumber:text+ TxnDate:date+ DueDate:date+ SalesTermRef:ref ProjectRef:ref"
        " Balance:number+ TotalAmt:number+",
        counted=True,
    ),
    _entity(
        "Payment",
        "transaction",
        "CRUDVEQ",
        "TotalAmt:number CustomerRef:ref TxnDate:date+ PaymentMethodRef:ref PaymentRefNum:text",
    ),
    _entity(
        "CreditMemo",
        "transaction",
        "CRUDEQ",
        "CustomerRef:ref ProjectRef:ref TxnDate:date+ DocNumber:text+ Balance:number+ TotalAmt:number",
    ),
    _entity(
        "RefundReceipt",
        "transaction",
        "CRUDEQ",
        "CustomerRef:ref DocNumber:text+ TxnDate:date+ TotalAmt:number",
    ),
    _entity("JournalEntry", "transaction", "CRUDQ", "DocNumber:text+ TxnDate:date+", counted=True),
    _entity("Deposit", "transaction", "CRUDQ", "DocNumber:text TxnDate:date+ TotalAmt:number", counted=True),
    _entity("Purchase", "transaction", "CRUDQ", "PaymentType:text DocNumber:text+ TxnDate:date+ TotalAmt:number+"),
    _entity(
        "Customer",
        "name list",
        "CRUSQ",
        "DisplayName:text+ GivenName:text+ MiddleName:text+ FamilyName:text+ PrimaryEmailAddr:email"
        " Active:boolean+ CompanyName:text+ Balance:number+ PrintOnCheckName:text+ FullyQualifiedName:text+",
    ),
    _entity(
        "Item",
        "name list",
        "CRUSQ",
        "Name:text+ Type:text+ Sku:text+ Description:text Active:boolean Taxable:boolean SubItem:boolean"
        " FullyQualifiedName:text+ UnitPrice:number^ PurchaseCost:number^",
    ),
    _entity(
        "Term",
        "name list",
        "CRUSQ",
        "Name:text+ Active:boolean+",
    ),
    _entity(
        "Attachable",
        "record",
        "CRUDQ",
        "FileName:text+ Note:text+ Category:text+ ContentType:text+ Tag:text+ Size:number+"
        " AttachableRef.EntityRef.Type:text AttachableRef.EntityRef.value:text",
    ),
    _entity("CompanyInfo", "single", "RQ", ""),
    _entity("Preferences", "single", "RQ", ""),
)

ENTITIES: dict[str, Entity] = {row.name: row for row in _ROWS}
_BY_NAME = {row.name.lower(): row for row in _ROWS}
_BY_URL = {row.url: row for row in _ROWS}


def entity_named(name: str) -> Entity | None:
    """Return the entity with this name (case-insensitive), or None."""
    return _BY_NAME.get(name.strip().lower())


def entity_at(url: str) -> Entity | None:
    """Return the entity with this URL segment, or None."""
    return _BY_URL.get(url.lower())
