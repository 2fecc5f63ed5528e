"""What a row of the object table holds, and how its short notation is read."""

from dataclasses import dataclass
from typing import Literal

from quickbooks_app.sandbox.runtime.field_types import FieldType, type_of

Kind = Literal["transaction", "name list", "record", "single"]

_COMMON = "Id? MetaData.CreateTime+ MetaData.LastUpdatedTime+"
_EVERYWHERE = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse", "status", "time"})
_SENT = frozenset({"EmailStatus", "DeliveryInfo"})  # of what can be sent by email


@dataclass(frozen=True, slots=True)
class Field:
    """One queryable field."""

    name: str
    type: FieldType
    filterable: bool = True
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One QuickBooks object.

    A name list hides its inactive objects from queries; a record is neither that nor a transaction. `url` and `key` are
    the names in the address and in JSON.
    """

    name: str
    kind: Kind
    operations: str  # C create, R read, U update, D delete, S inactivate, V void, E email and PDF, Q query
    fields: dict[str, Field]
    properties: frozenset[str]
    required: tuple[str, ...]
    url: str
    key: str
    counted: bool  # a plain SELECT answers with totalCount
    changes: bool  # change data capture knows it
    notified: bool  # webhooks tell of it
    countries: frozenset[str]  # where it exists; empty: everywhere

    def can(self, operation: str) -> bool:
        return operation in self.operations

    def field(self, path: str) -> Field | None:
        return self.fields.get(path.lower())

    def knows(self, path: str) -> bool:
        """Return whether the object has this property, queryable or not."""
        return path.lower() in {name.lower() for name in self.properties}

    def exists_in(self, country: str) -> bool:
        return not self.countries or country in self.countries


def row(
    name: str,
    kind: Kind,
    operations: str,
    properties: str,
    *,
    url: str = "",
    key: str = "",
    counted: bool = False,
    changes: bool = True,
    notified: bool = True,
    countries: str = "",
) -> Entity:
    """Return an object. Each property may carry marks.

    `!` is required on create; `?` may be filtered by; `+` may be filtered and sorted by; `^` may be sorted by.
    """
    words = properties.split()
    plain = [word.rstrip("!?+^") for word in words]
    return Entity(
        name=name,
        kind=kind,
        operations=operations,
        fields={
            found.name.lower(): found for word in [*_COMMON.split(), *words] if (found := _field(word)) is not None
        },
        properties=_EVERYWHERE | (_SENT if "E" in operations else set()) | {one for one in plain if "." not in one},
        required=tuple(one for one, word in zip(plain, words, strict=True) if "!" in word),
        url=url or name.lower(),
        key=key or name,
        counted=counted,
        changes=changes,
        notified=notified,
        countries=frozenset(countries.split()),
    )


def _field(word: str) -> Field | None:
    name = word.rstrip("!?+^")
    marks = word[len(name) :]
    filterable, sortable = "?" in marks or "+" in marks, "+" in marks or "^" in marks
    if not filterable and not sortable:
        return None
    return Field(name=name, type=type_of(name), filterable=filterable, sortable=sortable)
