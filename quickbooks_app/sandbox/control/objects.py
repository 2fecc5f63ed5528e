"""Control pages for every object: list, show and edit as JSON, create, void, delete, send, attach and merge."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from flask import Blueprint, Response, abort, flash, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting import attachments, mailing, merging, reading, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.control.frame import (
    books_for_reading,
    books_for_writing,
    fault_text,
    link,
    page,
    select_company,
    write_rules,
)
from quickbooks_app.sandbox.control.samples import sample_of
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES, Entity
from quickbooks_app.sandbox.runtime.errors import BusinessFault, invalid_value

blueprint = Blueprint("control_objects", __name__, url_prefix="/objects")
blueprint.before_request(select_company)

PAGE_SIZE = 50
# They are not kept one by one, or have pages and addresses of their own.
_APART = frozenset({"TaxService", "TaxClassification", "TaxReturn", "ExchangeRate"})
_MERGED = ("Customer", "Vendor", "Account")
_KINDS = {"transaction": "Transactions", "name list": "Lists", "record": "Records", "single": "Settings"}

_MATCHING = """
FROM objects WHERE realm = :realm AND entity = :entity AND deleted = 0 AND (:wanted = '' OR id = :exact
    OR casefold(coalesce(json_extract(body, '$.FullyQualifiedName'), json_extract(body, '$.DisplayName'),
                         json_extract(body, '$.Name'), json_extract(body, '$.DocNumber'), '')) LIKE :wanted ESCAPE '\\')
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """One object as the list shows it."""

    id: str
    title: str
    party: str
    date: str
    amount: object
    is_active: bool


@blueprint.get("")
def kinds() -> Response:
    """Show every kind of object with its number."""
    rows = (
        sandbox()
        .store.connection()
        .execute(
            "SELECT entity, count(*) AS number FROM objects WHERE realm = ? AND deleted = 0 GROUP BY entity", (g.realm,)
        )
    )
    numbers = {row["entity"]: row["number"] for row in rows}
    groups: dict[str, list[tuple[str, int]]] = {title: [] for title in _KINDS.values()}
    for name, entity in sorted(ENTITIES.items()):
        if _exists(entity):
            groups[_KINDS[entity.kind]].append((name, numbers.get(name, 0)))
    return page("object_kinds.html", groups=groups)


@blueprint.get("/<name>")
def listing(name: str) -> Response:
    """List the objects of a kind, newest first, searched by name, number or id."""
    entity = _entity(name)
    reading.prepare(sandbox().store, realm=g.realm, entities=[name], at=g.at)
    search, number = request.args.get("q", "").strip(), max(request.args.get("page", 1, type=int), 1)
    escaped = search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, str | int] = {
        "realm": g.realm,
        "entity": name,
        "wanted": f"%{escaped}%" if search else "",
        "exact": search,
        "size": PAGE_SIZE,
        "skip": (number - 1) * PAGE_SIZE,
    }
    connection = sandbox().store.connection()
    total = connection.execute(f"SELECT count(*) {_MATCHING}", values).fetchone()[0]
    order = "ORDER BY update_time DESC, rowid DESC LIMIT :size OFFSET :skip"
    rows = connection.execute(f"SELECT id, body {_MATCHING} {order}", values)
    return page(
        "objects.html",
        entity=entity,
        rows=[_row(row["id"], decode(row["body"])) for row in rows],
        search=search,
        number=number,
        total=total,
        pages=max((total + PAGE_SIZE - 1) // PAGE_SIZE, 1),
    )


@blueprint.get("/<name>/new")
def new(name: str) -> Response:
    return _editor(_creatable(name), text=_pretty(sample_of(books_for_reading(), name)))


@blueprint.post("/<name>/new")
def create(name: str) -> Response | BaseResponse:
    """Create an object from the JSON in `body`."""
    entity, text = _creatable(name), request.form.get("body", "")
    try:
        payload = _parsed(text)
        with books_for_writing() as books:
            made = writing.create(books, entity=name, payload=payload, rules=write_rules())
    except BusinessFault as fault:
        return _editor(entity, text=text, problem=fault_text(fault), status=400)
    flash(f"{name} {_id_in(made)} is in the books.")
    return redirect(link("control_objects.show", name=name, id=_id_in(made)), code=303)


@blueprint.get("/<name>/<id>")
def show(name: str, id: str) -> Response:
    entity = _entity(name)
    reading.prepare(sandbox().store, realm=g.realm, entities=[name], at=g.at)
    return _editor(entity, id=id, text=_pretty(_found(books_for_reading(), name, id)))


@blueprint.post("/<name>/<id>")
def change(name: str, id: str) -> Response | BaseResponse:
    """Change an object. Form fields: `action`, and `body`, `to`, `into` or the file `file`, as the action needs.

    `action` is save (the JSON in `body`, a full update), void, delete, send (to the address `to`), activity (turns
    Active round), merge (`into` is the id that remains) or attach.
    """
    entity, form = _entity(name), request.form
    action = form.get("action", "save")
    act = _ACTIONS.get(action)
    if act is None or action not in _actions_of(entity):
        abort(400, f"action is one of {', '.join(_actions_of(entity))}")
    text = form.get("body", "")
    try:
        with books_for_writing() as books:
            before = _found(books, name, id)
            text = text or _pretty(before)
            act(books, entity, before)
    except BusinessFault as fault:
        return _editor(entity, id=id, text=text, problem=fault_text(fault), status=400)
    flash(f"{name} {id}: {_DONE[action]}.")
    if books_for_reading().find(name, id) is None:
        return redirect(link("control_objects.listing", name=name), code=303)
    return redirect(link("control_objects.show", name=name, id=id), code=303)


def _save(books: Books, entity: Entity, before: Document) -> None:
    payload = {**_parsed(request.form.get("body", "")), "Id": before["Id"]}
    writing.update(books, entity=entity.name, payload=payload, rules=write_rules())


def _void(books: Books, entity: Entity, before: Document) -> None:
    writing.void(books, entity=entity.name, payload=_head(before), rules=write_rules())


def _delete(books: Books, entity: Entity, before: Document) -> None:
    payload = before if entity.name == "RecurringTransaction" else _head(before)
    writing.delete(books, entity=entity.name, payload=payload, rules=write_rules())


def _send(books: Books, entity: Entity, before: Document) -> None:
    mailing.send(books, entity=entity.name, id=before["Id"], send_to=request.form.get("to", ""))


def _turn_activity(books: Books, entity: Entity, before: Document) -> None:
    payload = {**_head(before), "sparse": True, "Active": not before.get("Active", True)}
    writing.update(books, entity=entity.name, payload=payload, rules=write_rules())


def _merge(books: Books, entity: Entity, before: Document) -> None:
    kept = request.form.get("into", "").strip()
    if entity.name == "Customer":
        deletes = sandbox().faults.rule("merge_deletes_customer")
        merging.merge(books, kept=kept, merged=before["Id"], deletes=deletes)
    else:
        merging.merge_into(books, entity.name, kept=kept, merged=before["Id"])


def _attach(books: Books, entity: Entity, before: Document) -> None:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise invalid_value(element="file", detail="Choose a file")
    reference = {"EntityRef": {"type": entity.name, "value": before["Id"]}, "IncludeOnSend": False}
    metadata = {"FileName": file.filename, "AttachableRef": [reference]}
    attachments.attach_file(books, metadata=metadata, content=file.read())


_ACTIONS: dict[str, Callable[[Books, Entity, Document], None]] = {
    "save": _save,
    "void": _void,
    "delete": _delete,
    "send": _send,
    "activity": _turn_activity,
    "merge": _merge,
    "attach": _attach,
}
_DONE = {
    "save": "saved",
    "void": "voided",
    "delete": "deleted",
    "send": "sent",
    "activity": "saved",
    "merge": "merged",
    "attach": "the file is attached",
}
_LETTERS = {"save": "U", "void": "V", "delete": "D", "send": "E", "activity": "S"}


def _actions_of(entity: Entity) -> list[str]:
    found = [action for action, letter in _LETTERS.items() if entity.can(letter)]
    found += ["merge"] if entity.name in _MERGED else []
    return [*found, "attach"] if entity.kind == "transaction" or entity.name == "Item" else found


def _exists(entity: Entity) -> bool:
    is_here = reading.has_objects(sandbox().store, realm=g.realm, entity=entity, at=g.at)
    return entity.name not in _APART and entity.can("R") and is_here


def _entity(name: str) -> Entity:
    entity = ENTITIES.get(name)
    if entity is None or not _exists(entity):
        abort(404)
    return entity


def _creatable(name: str) -> Entity:
    entity = _entity(name)
    if not entity.can("C") or name == "Attachable":
        abort(404)
    return entity


def _found(books: Books, name: str, id: str) -> Document:
    document = books.find(name, id)
    if document is None:
        abort(404)
    return document


def _head(document: Document) -> Document:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"]}


def _id_in(made: Document) -> str:
    """The id of an object, which a recurring transaction keeps inside."""
    return str(made["Id"]) if "Id" in made else str(next(iter(made.values()))["Id"])


def _parsed(text: str) -> Document:
    try:
        payload = decode(text)
    except msgspec.DecodeError as error:
        raise invalid_value(element="body", detail=f"Not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise invalid_value(element="body", detail="An object is expected")
    return payload


def _pretty(document: Document) -> str:
    return msgspec.json.format(encode(document), indent=2).decode()


def _row(id: str, body: Document) -> _Row:
    names = ("DocNumber", "FullyQualifiedName", "DisplayName", "Name", "FileName", "CompanyName", "PaymentRefNum")
    party = body.get("CustomerRef") or body.get("VendorRef") or body.get("EntityRef") or {}
    amount = next((body[key] for key in ("TotalAmt", "Amount", "CurrentBalance", "Balance") if key in body), None)
    return _Row(
        id=id,
        title=next((str(body[key]) for key in names if body.get(key)), f"id {id}"),
        party=str(party.get("name", "")),
        date=str(body.get("TxnDate") or body.get("MetaData", {}).get("LastUpdatedTime", ""))[:10],
        amount=amount,
        is_active=body.get("Active", True) is not False,
    )


def _editor(entity: Entity, *, text: str, id: str = "", problem: str = "", status: int = 200) -> Response:
    return page(
        "object.html",
        status=status,
        entity=entity,
        id=id,
        text=text,
        problem=problem,
        actions=_actions_of(entity),
        address=f"/v3/company/{g.realm}/{entity.url}" + (f"/{id}" if id else ""),
    )
