"""Runs a query in SQLite: conditions and order become SQL, and bodies are returned as stored."""

from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.api.query_grammar import (
    Condition,
    CurrentDate,
    Statement,
    Value,
)
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import parse_number
from quickbooks_app.sandbox.runtime.entities import Entity, Field, entity_named
from quickbooks_app.sandbox.runtime.errors import invalid_query

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000

_COLUMNS = {"metadata.createtime": "create_time", "metadata.lastupdatedtime": "update_time", "id": "id"}
# What is inside of a list: its path, and the value of one of its entries.
_LISTS = {
    "AttachableRef.EntityRef.Type": ("$.AttachableRef", "json_extract(value, '$.EntityRef.type')"),
    "AttachableRef.EntityRef.value": ("$.AttachableRef", "json_extract(value, '$.EntityRef.value')"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """The result page of a query."""

    entity: Entity
    bodies: list[str]
    start: int
    total: int | None


def run(connection: Connection, *, realm: str, statement: Statement, at: datetime) -> int | Page:
    """Run a statement for one company. Returns a number for count(*), otherwise a Page."""
    entity = entity_named(statement.entity)
    if entity is None or not entity.can("Q"):
        raise invalid_query(f"invalid context declaration: {statement.entity}")
    start = _bounded(statement.start, default=1, largest=None)
    maximum = _bounded(statement.maximum, default=DEFAULT_PAGE_SIZE, largest=MAX_PAGE_SIZE)
    where, parameters = _where(entity, statement, realm=realm, at=at)
    order = _order(entity, statement, plain=_is_selective(statement))
    total: int | None = None
    if statement.count or entity.counted:
        counting = f"SELECT count(*) FROM objects WHERE {where}"  # noqa: S608 - built from the entity table alone
        total = connection.execute(counting, parameters).fetchone()[0]
    if statement.count:
        return int(total or 0)
    reading = f"SELECT body FROM objects WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - as above
    rows = connection.execute(reading, (*parameters, maximum, start - 1))
    return Page(entity=entity, bodies=[row["body"] for row in rows], start=start, total=total)


def _bounded(value: int | None, *, default: int, largest: int | None) -> int:
    if value is None:
        return default
    if value < 1:
        raise invalid_query(f"value {value} is too small. Min allowed value is 1")
    if largest is not None and value > largest:
        raise invalid_query(f"value {value} is too large. Max allowed value is {largest}")
    return value


def _where(entity: Entity, statement: Statement, *, realm: str, at: datetime) -> tuple[str, list[str | int | float]]:
    clauses = ["realm = ?", "entity = ?", "deleted = 0"]
    parameters: list[str | int | float] = [realm, entity.name]
    for condition in statement.conditions:
        field = _field(entity, condition.path)
        if not field.filterable:
            raise invalid_query(f"property '{condition.path}' is not queryable")
        clause, values = _clause(field, condition, at=at)
        clauses.append(clause)
        parameters.extend(values)
    names_active = any(condition.path.lower() == "active" for condition in statement.conditions)
    if entity.kind == "name list" and not names_active:
        clauses.append("json_extract(body, '$.Active') = 1")
    return " AND ".join(clauses), parameters


def _field(entity: Entity, path: str) -> Field:
    field = entity.field(path)
    if field is not None:
        return field
    if entity.knows(path):
        raise invalid_query(f"property '{path}' is not queryable")
    raise invalid_query(f"Property {path} not found for Entity {entity.name}")


def _expression(field: Field) -> str:
    """Return the SQL expression of a field. Amounts stay text, so no digit is lost in a float."""
    column = _COLUMNS.get(field.name.lower())
    if column:
        return column
    if field.type == "number":
        return f"(body -> '$.{field.name}') COLLATE amount"
    tail = {"ref": ".value", "email": ".Address"}.get(field.type, "")
    expression = f"json_extract(body, '$.{field.name}{tail}')"
    return f"{expression} COLLATE fold" if field.type in ("text", "email") else expression


def _clause(field: Field, condition: Condition, *, at: datetime) -> tuple[str, list[str | int | float]]:
    inside = _LISTS.get(field.name)
    if inside is not None:
        clause, values = _comparison(field, condition, expression=f"{inside[1]} COLLATE fold", at=at)
        return f"EXISTS (SELECT 1 FROM json_each(body, '{inside[0]}') WHERE {clause})", values  # noqa: S608
    return _comparison(field, condition, expression=_expression(field), at=at)


def _comparison(
    field: Field, condition: Condition, *, expression: str, at: datetime
) -> tuple[str, list[str | int | float]]:
    operator = condition.operator
    if operator == "LIKE":
        if field.type not in ("text", "email"):
            raise invalid_query(f"operator LIKE is not supported for property '{field.name}'")
        pattern = str(condition.values[0]).replace("\\", "\\\\").replace("_", "\\_").casefold()
        return f"casefold({expression}) LIKE ? ESCAPE '\\'", [pattern]
    if field.type in ("id", "boolean", "ref") and operator not in ("=", "!=", "IN"):
        raise invalid_query(f"operator {operator} is not supported for property '{field.name}'")
    if operator in ("=", "!=") and isinstance(condition.values[0], str) and not condition.values[0].strip():
        return f"{expression} {'IS NULL' if operator == '=' else 'IS NOT NULL'}", []
    values = [_parameter(field, value, at=at) for value in condition.values]
    if operator == "IN":
        return f"{expression} IN ({', '.join('?' * len(values))})", values
    # What a field without a value is not equal to, SQL would call unknown.
    return f"{expression} {'IS NOT' if operator == '!=' else operator} ?", values


def _parameter(field: Field, value: Value, *, at: datetime) -> str | int | float:
    """Return a value of the statement in the form that SQLite compares."""
    if isinstance(value, CurrentDate):
        value = clock.company_today(at).isoformat()
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        if field.type == "boolean":
            return {"true": 1, "false": 0}[text.lower()]
        if field.type == "number":
            return str(parse_number(text))
        if field.type == "moment":
            return clock.parse_timestamp(text).timestamp()
        if field.type == "date":
            return date.fromisoformat(text[:10]).isoformat()
    except (ValueError, KeyError):
        raise invalid_query(f"invalid value '{text}' for property '{field.name}'") from None
    return text


def _is_selective(statement: Statement) -> bool:
    """Return whether the conditions are so selective that sorting the result is cheap."""
    return any(
        condition.path.lower() in ("id", "customerref") and condition.operator in ("=", "IN")
        for condition in statement.conditions
    )


def _order(entity: Entity, statement: Statement, *, plain: bool) -> str:
    # A plus before a column keeps SQLite from walking that column's index instead of the narrower one.
    hold = "+" if plain else ""
    parts: list[str] = []
    for sorting in statement.order:
        field = _field(entity, sorting.path)
        if not field.sortable:
            raise invalid_query(f"property '{sorting.path}' is not sortable")
        parts.append(f"{hold}{_expression(field)} {'DESC' if sorting.descending else 'ASC'}")
    if parts:
        # Rows that are equal keep the order they came in, so that pages do not overlap.
        return ", ".join([*parts, f"rowid {'DESC' if statement.order[-1].descending else 'ASC'}"])
    if entity.kind == "name list":
        name = "coalesce(json_extract(body, '$.FullyQualifiedName'), json_extract(body, '$.Name'))"
        return f"{name} COLLATE fold, rowid"
    # As recorded: without ORDERBY the newest change comes first, so pages shift when somebody edits.
    return f"{hold}update_time DESC, rowid DESC"
