"""Overrides of the mapping table: which fields staff may read from elsewhere, and how such a value is read.

The table stays the default. An override names another QuickBooks field, a custom field or a constant, of a type that
the infactor field can take. Where it gives nothing for an invoice, the table's own reading counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

import msgspec
from msgspec import Raw

from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.mapping.mappable_fields import FIXED_FIELDS, READABLE_FROM, SOURCES, TARGETS, Target
from quickbooks_app.mapping.mappable_fields import ValueType as T

CUSTOM_PREFIX = "CustomField."
CONSTANT = "constant"
TABLE = "mapping table"  # as a path: read as the table says, whatever an integration has


class InvalidOverride(Exception):
    """The field may not be read from there. The message says why, for staff."""


class Override(msgspec.Struct, frozen=True):
    """Reads the infactor field `field` from `path`, a QuickBooks field, or sets it to `constant`."""

    field: str
    path: str = ""
    constant: str = ""

    def in_words(self) -> str:
        return f"“{self.constant}”" if self.constant else self.path

    @property
    def is_of_table(self) -> bool:
        """Whether it undoes what an integration changed, for one company."""
        return self.path == TABLE


class _CustomField(msgspec.Struct, gc=False):
    DefinitionId: str | int = ""
    Name: str | None = None
    StringValue: str | None = None
    NumberValue: Raw = Raw(b"")
    DateValue: str | None = None


class _CustomFields(msgspec.Struct, gc=False):
    CustomField: list[_CustomField] | None = None


def parse_overrides(stored: Sequence[Mapping[str, str]]) -> tuple[Override, ...]:
    """The overrides as they are stored: JSON objects with the keys `field`, and `path` or `constant`."""
    return msgspec.convert(stored, type=tuple[Override, ...])


def merge_overrides(levels: Iterable[Iterable[Override]]) -> tuple[Override, ...]:
    """What counts where several levels change the mapping: of each field the last one, in the order of the fields.

    A field that the last level reads as the table says is not changed at all.
    """
    found = {one.field: one for level in levels for one in level}
    return tuple(found[field] for field in TARGETS if field in found and not found[field].is_of_table)


def validate_overrides(overrides: Iterable[Override]) -> None:
    """Raise InvalidOverride unless each field is changed once, and to something of a type that it can take."""
    seen: set[str] = set()
    for one in overrides:
        _validate(one)
        if one.field in seen:
            raise InvalidOverride(f"{one.field} is set twice.")
        seen.add(one.field)


def _validate(one: Override) -> None:
    target = TARGETS.get(one.field)
    if target is None:
        reason = FIXED_FIELDS.get(one.field, "It is no field of the mapping that can be changed.")
        raise InvalidOverride(f"{one.field} cannot be changed. {reason}")
    if one.is_of_table and not one.constant:
        return
    if bool(one.path) == bool(one.constant):
        raise InvalidOverride(f"{one.field}: choose a QuickBooks field or type a text, not both.")
    if one.constant:
        if not target.takes_constant:
            raise InvalidOverride(f"{one.field} cannot be the same for every invoice. Choose a QuickBooks field.")
        if len(one.constant) > target.max_length:
            raise InvalidOverride(f"{one.field} has at most {target.max_length} characters.")
    elif one.path.startswith(CUSTOM_PREFIX):
        if not target.takes_custom_field or not one.path.removeprefix(CUSTOM_PREFIX).isdecimal():
            raise InvalidOverride(f"{one.field} cannot be read from {one.path}.")
    elif one.path not in SOURCES:
        raise InvalidOverride(f"QuickBooks has no field {one.path} that infactor reads.")
    elif SOURCES[one.path] not in READABLE_FROM[target.type]:
        raise InvalidOverride(f"{one.field} is {target.type.value}, but {one.path} is {SOURCES[one.path].value}.")


def custom_fields(raw: bytes) -> dict[str, str]:
    """The custom fields of a document: `{DefinitionId: name}`, empty where it has none or cannot be read."""
    return {str(one.DefinitionId): one.Name or "" for one in _custom_fields(raw)}


@dataclass(frozen=True)
class OverrideReader:
    """Reads overridden fields of one document. A date becomes a moment at midnight in the company's `time_zone`."""

    raw: bytes
    time_zone: tzinfo
    issues: list[Issue]

    @classmethod
    def of(cls, raw: bytes, *, time_zone: tzinfo, issues: list[Issue]) -> "OverrideReader":
        """The reader of the bytes that QuickBooks sent, `raw`."""
        return cls(field_parsing.repaired(raw), time_zone, issues)

    def read(self, override: Override, *, default: Any) -> Any:
        """The value of the field, `default` where the document has none there."""
        target = TARGETS[override.field]
        found = override.constant or self._find(override.path)
        if found in (None, ""):
            return default
        value = self._convert(found, target=target, path=override.path)
        return default if value in (None, "") else value

    def _find(self, path: str) -> Any:
        """The JSON value at `path`. Numbers stay raw bytes, so that no digit is lost."""
        if path.startswith(CUSTOM_PREFIX):
            wanted = path.removeprefix(CUSTOM_PREFIX)
            for one in _custom_fields(self.raw):
                if str(one.DefinitionId) == wanted:
                    return one.StringValue or one.DateValue or bytes(one.NumberValue).decode()
            return None
        value = Raw(self.raw)
        for name in path.split("."):
            try:
                value = msgspec.json.decode(value, type=dict[str, Raw]).get(name, Raw(b"null"))
            except msgspec.DecodeError:
                return None
        if SOURCES[path] is T.AMOUNT:
            return "" if bytes(value) in field_parsing.ABSENT else value
        try:
            return msgspec.json.decode(value, type=str | None)
        except msgspec.DecodeError:
            self._report(path)
            return None

    def _convert(self, found: Any, *, target: Target, path: str) -> Any:
        match target.type:
            case T.TEXT | T.EMAIL:
                text = bytes(found).decode() if isinstance(found, Raw) else found
                return field_parsing.text(text, field=path, max_length=target.max_length, issues=self.issues)
            case T.AMOUNT:
                return field_parsing.amount(found, field=path, issues=self.issues)
            case T.DATE:
                return self._date(found, path=path)
            case _:
                return self._moment(found, path=path)

    def _date(self, found: str, *, path: str) -> date | None:
        try:
            value = date.fromisoformat(found.strip()[:10])
        except ValueError:
            self._report(path)
            return None
        return field_parsing.valid_timestamp(value, field=path, issues=self.issues)

    def _moment(self, found: str, *, path: str) -> datetime | None:
        if SOURCES.get(path) is not T.MOMENT:
            day = self._date(found, path=path)
            return datetime.combine(day, time(), tzinfo=self.time_zone) if day else None
        try:
            value = datetime.fromisoformat(found)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self._report(path)
            return None
        return field_parsing.valid_timestamp(value, field=path, issues=self.issues)

    def _report(self, path: str) -> None:
        self.issues.append(Issue(path, "unreadable", f"{field_parsing.field_label(path)} cannot be read."))


def _custom_fields(raw: bytes) -> list[_CustomField]:
    try:
        return msgspec.json.decode(raw, type=_CustomFields).CustomField or []
    except msgspec.DecodeError:
        return []
